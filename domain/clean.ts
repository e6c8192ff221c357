import { weightedPoints } from './combine';
import type { Finding, Reading } from './enrichment';
import { KNOWN_SCANNERS } from './guard-table';
import { SITE_SCANNERS, toldOfMore } from './known-scanners';
import { FILE_TYPES, observableId, type Observable } from './observable';
import type { CaseFacts, Playbook } from './playbook';
import type { Policy } from './policy';
import type { Signal } from './signal';
import { titleOfSource, type SourceProfile } from './source';
import { unreadHosts } from './unread-links';
import type { Guard } from './verdict';

/** What speaks for harmlessness, and for which observables nothing does. */
export interface Cleanness {
  evidence: string[];
  unshown: Observable[];
  /** True when all that must be shown clean is. */
  shown: boolean;
}

/** What the playbook wants to see clean, one by one. */
export function mustBeClean(playbook: Playbook, facts: CaseFacts): Observable[] {
  return playbook.mustBeClean?.(facts) ?? playbook.observables(facts).slice(0, 1);
}

interface Judged {
  playbook: Playbook;
  facts: CaseFacts;
  readings: readonly { finding: Finding; reading: Reading }[];
  sources: readonly SourceProfile[];
  policy: Policy;
}

/**
 * Who accuses the observable so gravely that neither a list nor another source can speak for it: our own database
 * (`inside`), against which not even the site can, or somebody else. What a list identifies beyond doubt (a file by its
 * content, a scanner by the ranges it scans from: engines and reports are of just that) is contradicted by our own database
 * only.
 */
function contradiction(id: string, judged: Judged, identified: boolean): 'inside' | 'outside' | undefined {
  const grave = graveSignals(judged).filter(({ observable }) => observable === id);
  if (grave.some(({ inside }) => inside)) return 'inside';
  return grave.length > 0 && !identified ? 'outside' : undefined;
}

/** True when our own database accuses anything of the case. */
function isAccusedInside(judged: Judged): boolean {
  return graveSignals(judged).some(({ inside }) => inside);
}

/** The signals that no list and no leave speaks against; our own database needs fewer points for one than others do. */
function graveSignals({ readings, sources, policy }: Judged): (Signal & { inside: boolean })[] {
  const own = new Set(sources.filter(({ where }) => where === 'inside').map(({ name }) => name));
  return readings
    .flatMap(({ reading }) => reading.signals)
    .map((signal) => ({ ...signal, inside: own.has(signal.source) }))
    .filter(
      (signal) =>
        weightedPoints(signal, policy) >=
        (signal.inside ? policy.thresholds.suspicious : policy.guards.contradicted_from),
    );
}

function evidenceFor(one: Observable, judged: Judged, guards: readonly Guard[], several: boolean): string[] {
  const { playbook, facts, readings, sources } = judged;
  const id = observableId(one);
  // a host speaks for none of its pages, and a link that is too long is known by its host only
  if (one.type !== 'url' && unreadHosts(facts.alerts).has(one.value)) return [];
  const known = playbook.knownClean?.(facts, one);
  const listing = guards.filter(
    (guard) =>
      guard.kind === 'benign' && guard.observable === id && !(guard.list === SITE_SCANNERS && toldOfMore(facts)),
  );
  const identified = listing.some((guard) => FILE_TYPES.includes(one.type) || guard.group === KNOWN_SCANNERS);
  const contradicted = contradiction(id, judged, identified);
  if (contradicted !== undefined) return contradicted === 'inside' || known === undefined ? [] : [known];
  const said = readings.flatMap(({ finding, reading }) =>
    finding.state === 'ok' && finding.observable === id && reading.clean !== undefined
      ? [{ title: titleOfSource(sources, finding.source), clean: reading.clean }]
      : [],
  );
  // the hash of nothing: whatever was there, nobody has seen it
  const shown = one.flags.includes('empty_file') ? [] : listing;
  const listed = shown.map((guard) => `${guard.reason} (list ${guard.list}, version ${guard.version})`);
  return [
    ...said.map(({ title, clean }) => `${title}${several ? ` on ${one.value}` : ''}: ${clean}`).sort(),
    ...listed,
    ...(known === undefined ? [] : [known]),
  ];
}

/** Each of what must be shown clean needs evidence of its own, unless the case as a whole is known to be harmless. */
export function cleanness(judged: Judged, guards: readonly Guard[]): Cleanness {
  // our own database ends every leave that a site has given
  const own = isAccusedInside(judged) ? undefined : judged.playbook.clean?.(judged.facts);
  const must = mustBeClean(judged.playbook, judged.facts);
  const each = must.map((one) => ({
    one,
    evidence: evidenceFor(one, judged, guards, must.length > 1),
  }));
  const unshown = each.filter(({ evidence }) => evidence.length === 0).map(({ one }) => one);
  return {
    evidence: [...each.flatMap(({ evidence }) => evidence), ...(own === undefined ? [] : [own])],
    unshown: own === undefined ? unshown : [],
    shown: own !== undefined || (each.length > 0 && unshown.length === 0),
  };
}
