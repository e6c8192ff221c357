import type { Alert, AlertClass, Classification } from './alert';
import { ALERT_CLASSES } from './alert';
import type { ClassificationRule } from './classification/rule';
import { TIERS } from './classification/rule';
import { hits, type Classifiable, type Hit } from './classification/table';
import { isPublicIp } from './network';
import type { Severity } from './severity';

/** Below this, the evidence for a type is too thin to start its playbook. */
const ENOUGH = 0.5;
/** Only the source itself can be certain. */
const MOST = 0.95;

/** Independent evidence adds up: what is left of the doubt. */
function confidenceOf(found: readonly Hit[]): number {
  const doubt = found.reduce((left, { confidence }) => left * (1 - confidence), 1);
  return Math.round(Math.min(MOST, 1 - doubt) * 100) / 100;
}

const ofType = (found: readonly Hit[], type: AlertClass): Hit[] => found.filter((hit) => hit.type === type);

/**
 * The type that the first kind of evidence names, in the order of the kinds; rules that were written for the source before
 * those that hold for all. Where one kind speaks as loud for several, the next ones decide.
 */
function decide(found: readonly Hit[]): AlertClass | undefined {
  let left: readonly AlertClass[] = ALERT_CLASSES;
  for (const tier of TIERS) {
    for (const own of [true, false]) {
      const here = found.filter((hit) => hit.tier === tier && hit.own === own && left.includes(hit.type));
      const weighed = left.map((type) => ({ type, weight: confidenceOf(ofType(here, type)) }));
      const most = Math.max(...weighed.map(({ weight }) => weight));
      if (most < ENOUGH) continue;
      left = weighed.filter(({ weight }) => weight === most).map(({ type }) => type);
      if (left.length === 1) return left[0];
    }
  }
  return left.length < ALERT_CLASSES.length ? left[0] : undefined;
}

function given(alert: Alert): Classification | undefined {
  if (alert.alert_type === undefined) return undefined;
  if (alert.alert_type !== 'unclassified') {
    return { alert_type: alert.alert_type, confidence: 1, reasons: [`${alert.source} says so`] };
  }
  // Filed so by its source, or because no format claims its document.
  const reasons = ['it is filed as unclassified, so no type is guessed; set one to start its playbook'];
  return { alert_type: 'unclassified', confidence: 0, reasons };
}

function accusedAddress(alert: Alert): string | undefined {
  return [alert.src_ip, alert.dest_ip].find((ip) => ip !== undefined && isPublicIp(ip));
}

/** The alert as it is filed: of the type that was found, of medium severity where nothing tells one. */
export function filedAs<T extends Classification['alert_type']>(
  alert: Alert,
  alert_type: T,
): Alert & { alert_type: T; severity: Severity } {
  return { ...alert, alert_type, severity: alert.severity ?? 'medium' };
}

/**
 * Which playbook an alert goes to, and why: the source's own word; else what the classification table says by its rule,
 * its groups, its MITRE techniques, its event class and its text, in that order; else `suspicious_ip` when a public address
 * is accused; else `unclassified`.
 *
 * @param siteRules the site's own rows of the table; they go before those that are shipped
 */
export function classify(
  alert: Alert,
  known: Omit<Classifiable, 'alert'> = {},
  siteRules: readonly ClassificationRule[] = [],
): Classification {
  const own = given(alert);
  if (own) return own;
  const found = hits({ alert, ...known }, siteRules);
  const type = decide(found);
  if (type !== undefined) {
    const reasons = [...new Set(ofType(found, type).map(({ reason }) => reason))];
    return { alert_type: type, confidence: confidenceOf(ofType(found, type)), reasons };
  }
  const accused = accusedAddress(alert);
  if (accused !== undefined) {
    const reasons = [`nothing names another type, and the public address ${accused} is accused`];
    return { alert_type: 'suspicious_ip', confidence: 0.4, reasons };
  }
  return { alert_type: 'unclassified', confidence: 0, reasons: ['nothing in the alert tells its type'] };
}
