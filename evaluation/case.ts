import { parseSite } from '../config/site';
import type { Alert, AlertType } from '../domain/alert';
import { ALERT_TYPES } from '../domain/alert';
import { classify, filedAs } from '../domain/classify';
import type { EarlierIncident } from '../domain/earlier';
import { InvalidAlertError, parseSubmission } from '../domain/formats';
import { isObject } from '../domain/is-object';
import { observableId, type Observable, type ObservableId } from '../domain/observable';
import { extractObservables } from '../domain/observables';
import type { SiteKnowledge } from '../domain/site';
import type { Verdict } from '../domain/verdict';
import { caseSchema, type Answers, type CaseDocument, type CaseIoc, type NoAnswer, type Truth } from './case-schema';

/** What the sources say in a case. */
export interface CaseAnswers {
  /** `not_configured`: there is no key. What is not listed, VirusTotal has never seen. */
  virustotal: Answers<NoAnswer | 'not_known'> | 'not_configured';
  /** What is not listed fails. */
  geoip: Answers;
  /** Undefined: there is no key. What is not listed, nobody has reported. */
  abuseipdb: Answers | undefined;
  iocs: CaseIoc[];
}

/** A labelled case, ready to be judged: an incident as it comes out of the normal road of its alerts. */
export interface Case {
  id: string;
  title: string;
  file: string;
  /** The half it belongs to: the name of its file's folder. */
  set: string;
  playbook: AlertType;
  /** RFC 3339: the clock of the case. */
  now: string;
  alerts: Alert[];
  observables: Observable[];
  earlier: EarlierIncident[];
  site: SiteKnowledge;
  answers: CaseAnswers;
  truth: Truth;
  /** What the evidence supports. */
  expected: Verdict;
  why: string;
}

/** Where a case stands. */
export interface CasePlace {
  file: string;
  set: string;
  /** 0 for the first of its file. */
  index: number;
}

/** A case, or everything that is wrong with it, each with file, id and path. */
export type CaseResult = { ok: true; value: Case } | { ok: false; problems: string[] };

/** @param site a site file's document, over which the case's own `site` is laid */
export function parseCase(document: unknown, place: CasePlace, site: Record<string, unknown>): CaseResult {
  const named = nameOf(document, place);
  const parsed = caseSchema.safeParse(document);
  if (!parsed.success) {
    return {
      ok: false,
      problems: parsed.error.issues.map(({ path, message }) => `${named} ${pathOf(path)}: ${message}`),
    };
  }
  const problems: string[] = [];
  const attempt = <T>(path: string, work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      problems.push(...detailsOf(error).map((detail) => `${named} ${path}${detail}`));
      return undefined;
    }
  };
  const own = attempt('site', () => siteOf(site, parsed.data.site));
  const alerts = parsed.data.alerts.map((alert, index) =>
    attempt(`alerts.${index}`, () => alertOf(alert, parsed.data.now)),
  );
  const playbook = alerts[0]?.alert_type;
  alerts.forEach((alert, index) => {
    if (alert && alert.alert_type !== playbook)
      problems.push(`${named} alerts.${index}.alert_type: is another playbook's`);
  });
  if (problems.length > 0 || !own || !playbook) return { ok: false, problems };
  return {
    ok: true,
    value: caseOf(
      parsed.data,
      place,
      playbook,
      alerts.filter((alert) => alert !== undefined),
      own,
    ),
  };
}

function nameOf(document: unknown, { file, index }: CasePlace): string {
  const id = typeof document === 'object' && document !== null && 'id' in document ? document.id : undefined;
  return `${file}: ${typeof id === 'string' && id !== '' ? id : `case ${index + 1}`}:`;
}

function pathOf(path: readonly PropertyKey[]): string {
  return path.length === 0 ? '(the case)' : path.map(String).join('.');
}

/** What an error names, each as it follows a path. */
function detailsOf(error: unknown): string[] {
  if (error instanceof InvalidAlertError) {
    return error.errors.map(({ pointer, detail }) => `${pointer.replaceAll('/', '.')}: ${detail}`);
  }
  const problems = error instanceof Error && 'problems' in error ? (error.problems as string[]) : undefined;
  return (problems ?? [error instanceof Error ? error.message : String(error)]).map((problem) => `: ${problem}`);
}

function siteOf(site: Record<string, unknown>, own: Record<string, unknown>): SiteKnowledge {
  if ('policy' in own) throw new Error('a policy is measured over all cases; give it with --policy');
  const laid = Object.entries(own).map(([key, value]) => {
    const base = site[key];
    return [key, isObject(base) && isObject(value) ? { ...base, ...value } : value];
  });
  return parseSite({ ...site, ...(Object.fromEntries(laid) as object) }, 'site').site;
}

type TypedAlert = Alert & { alert_type: AlertType };

/** The normal road of an alert, as far as it needs no database. */
function alertOf(document: Record<string, unknown>, now: string): TypedAlert {
  const parsed = parseSubmission({ body: document, receivedAt: now });
  const [one, ...more] = parsed;
  if (!one || more.length > 0 || one.format !== 'canonical') throw new Error('is not a canonical alert');
  const unknown = Object.keys(one.extra ?? {});
  if (unknown.length > 0) throw new Error(`has no field ${unknown.join(', ')}`);
  const found = classify(one.alert).alert_type;
  const alert_type = ALERT_TYPES.find((type) => type === found && type === one.alert.alert_type);
  if (!alert_type) throw new Error(`alert_type must name a playbook: ${ALERT_TYPES.join(', ')}`);
  return filedAs(one.alert, alert_type);
}

function caseOf(
  { virustotal, geoip = {}, abuseipdb, iocs, earlier, ...told }: CaseDocument,
  { file, set }: CasePlace,
  playbook: AlertType,
  alerts: TypedAlert[],
  site: SiteKnowledge,
): Case {
  const { id, title, now, truth, expected, why } = told;
  return {
    ...{ id, title, file, set, playbook, now, alerts, site, truth, expected, why },
    observables: joined(alerts.flatMap((alert) => extractObservables(alert, site))),
    earlier: earlier.map(({ shares, ...one }) => ({ ...one, shares: shares as ObservableId[] })),
    answers: { virustotal, geoip, abuseipdb, iocs },
  };
}

/** Each observable once, as it first came in, with what further alerts say it was. */
function joined(observables: readonly Observable[]): Observable[] {
  const byId = new Map<ObservableId, Observable>();
  for (const one of observables) {
    const known = byId.get(observableId(one));
    const roles = [...new Set([...(known?.roles ?? []), ...one.roles])];
    byId.set(observableId(one), {
      ...(known ?? one),
      roles: roles.length > 1 ? roles.filter((role) => role !== 'mentioned') : roles,
    });
  }
  return [...byId.values()];
}
