import type { z } from 'zod';
import type { IocType } from '../domain/intel/indicator';
import { readValue } from '../domain/intel/value';
import type { RouteDeps } from './define-route';
import { shownMatch, shownWarnings, warningsOf } from './ioc-shown';
import type { iocAnswerSchema } from './schemas/ioc';

/** Incidents named in one answer. */
export const MAX_INCIDENTS = 50;

type Answer = z.output<typeof iocAnswerSchema>;

/** A value that can be looked up. */
export interface Wanted {
  type: IocType;
  value: string;
  /** The type was told from the value. */
  detected: boolean;
}

/** A value in the one spelling it has inside. @returns why it cannot be looked up */
export function wantedOf(type: IocType | undefined, text: string): Wanted | string {
  const read = readValue(type, text);
  if (!read.ok) return read.reason;
  return { type: read.type, value: read.value, detected: type === undefined };
}

/** What is known of the values, in their order; as many statements as for a single one. */
export async function lookUp(wanted: readonly Wanted[], deps: RouteDeps): Promise<Answer[]> {
  const now = deps.clock().toISOString();
  const [matches, incidents] = await Promise.all([
    deps.store.iocs.lookupMany(wanted),
    deps.store.iocs.incidentsWithMany(wanted, MAX_INCIDENTS),
  ]);
  const warnings = warningsOf(wanted, deps);
  return wanted.map((one, index) => {
    const { type, value, detected } = one;
    const shown = (matches[index] ?? []).map((match) => shownMatch(match, deps, now));
    return {
      found: shown.length > 0,
      ...{ type, detected, value },
      confidence: Math.max(0, ...shown.map(({ confidence }) => confidence)),
      matches: shown,
      sources: [...new Set(shown.flatMap(({ sources }) => sources.map(({ source }) => source)))],
      ...shownWarnings(warnings(one)),
      incidents: incidents[index] ?? [],
    };
  });
}
