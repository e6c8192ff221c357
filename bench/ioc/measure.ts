import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from '../../db/connect';
import { observableHash } from '../../db/hashes';
import type { IocRepository } from '../../db/ioc-views';
import { toSqlTime } from '../../db/time';
import type { Finding } from '../../domain/intel/indicator';
import { openIntel } from '../../domain/intel/read-intel';
import { percentile } from '../statistics';
import { entryOf, fileOf } from './entries';
import type { BenchEntry } from './entries';

/** Between two times that many lookups are asked for at once: else it would be measured how long a queue is, ms. */
const PAUSE_MS = 200;
/** Lookups in one database before it is the other one's turn: both are to find the same machine. */
const TURN = 100;

/** Lookups of as many as there are; one in three is of something that is not there. */
export function questionOf(index: number, entries: number): BenchEntry {
  const spread = (index * 7_919 + 13) % entries;
  return entryOf(index % 3 === 2 ? spread + entries * 3 : spread);
}

/**
 * Lines a second, when the same file is read and the same rows are written without batches: one INSERT for each entry,
 * sighting and tag, each committed by itself.
 */
export async function singleInserts(knex: Knex, from: number, count: number): Promise<number> {
  const now = new Date().toISOString();
  const reader = openIntel({ now, format: 'csv' });
  const beganAt = performance.now();
  for await (const piece of fileOf(from, count)) await writeSingly(knex, reader.push(piece), toSqlTime(now));
  await writeSingly(knex, reader.end(), toSqlTime(now));
  return (count / (performance.now() - beganAt)) * 1000;
}

async function writeSingly(knex: Knex, findings: readonly Finding[], at: string): Promise<void> {
  for (const finding of findings) {
    if (finding.kind !== 'indicator') throw new Error(`Line ${finding.line} is refused: ${finding.reason}`);
    const { type, value, confidence, tags = [] } = finding.indicator;
    const entry = { type, value, ioc_hash: observableHash({ type, value }), created_at: at };
    const [ioc_id] = await knex('iocs').insert(entry);
    const seen = { first_seen: at, last_seen: at, tags: JSON.stringify(tags) };
    await knex('ioc_sightings').insert({ ioc_id, source: 'single', confidence, ...seen });
    for (const tag of tags) await knex('ioc_tags').insert({ tag, ioc_id });
  }
}

export interface Latency {
  p50: number;
  p99: number;
}

export interface Looked {
  iocs: IocRepository;
  /** How many it has. */
  entries: number;
}

/** How long a lookup takes, one after the other, in databases that take turns; ms. */
export async function compareLookups(of: readonly Looked[], count: number): Promise<Latency[]> {
  const took = of.map((): number[] => []);
  for (let done = -TURN; done < count; done += TURN) {
    for (const [place, { iocs, entries }] of of.entries()) {
      for (let index = done; index < done + TURN; index += 1) {
        const ms = await timeOf(() => iocs.lookup(questionOf(index + TURN, entries)));
        // the first turn warms up
        if (done >= 0) took[place]?.push(ms);
      }
    }
  }
  return took.map(latencyOf);
}

/** How long a lookup takes when many are asked for at once, again and again while `goesOn`; ms. */
export async function lookupsAtOnce(
  { iocs, entries }: Looked,
  atOnce: number,
  goesOn: (round: number) => boolean,
): Promise<Latency & { lookups: number }> {
  const took: number[] = [];
  for (let round = 0; goesOn(round); round += 1) {
    const asked = Array.from({ length: atOnce }, (_, place) => questionOf(round * atOnce + place, entries));
    took.push(...(await Promise.all(asked.map((question) => timeOf(() => iocs.lookup(question))))));
    await sleep(PAUSE_MS);
  }
  return { ...latencyOf(took), lookups: took.length };
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const beganAt = performance.now();
  await work();
  return performance.now() - beganAt;
}

function latencyOf(took: readonly number[]): Latency {
  return { p50: percentile(took, 50), p99: percentile(took, 99) };
}
