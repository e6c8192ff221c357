import type { IocMatch } from '../db/ioc-match';
import type { Store } from '../db/store';
import type { Finding } from '../domain/enrichment';
import { parseObservableId } from '../domain/observable';
import type { IocFacts } from './providers/iocs/facts';

type IocRef = Parameters<Store['iocs']['lookupMany']>[0][number];

/** Our own database, as a source. */
const OWN = 'iocs';

/**
 * Without what our own database has said before an analyst confirmed or dismissed a value, or took that back: it is to be
 * asked again, which costs nothing, so that his word counts for the incident that he has seen it in.
 */
export async function notOverruled(
  { iocs }: Pick<Store, 'iocs'>,
  findings: readonly Finding[],
): Promise<readonly Finding[]> {
  const own = findings.filter(({ source }) => source === OWN);
  if (own.length === 0) return findings;
  // it is asked about no other types
  const today = await iocs.lookupMany(own.map(({ observable }) => parseObservableId(observable) as IocRef));
  const overruled = new Set(own.filter(({ facts }, index) => saidOf(today[index]) !== saidOf(matchesIn(facts))));
  return findings.filter((finding) => !overruled.has(finding));
}

function matchesIn(facts: unknown): IocMatch[] | undefined {
  return (facts as IocFacts | null)?.matches;
}

/** What analysts say of the entries that cover a value. */
function saidOf(matches: readonly IocMatch[] = []): string {
  const said = matches.flatMap(({ id, override }) => (override ? [[id, override.verdict, override.at]] : []));
  return JSON.stringify(said);
}
