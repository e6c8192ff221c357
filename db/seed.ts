import { createHash } from 'node:crypto';
import type { IocType } from '../domain/intel/indicator';
import type { Knex } from './connect';
import { UNDECLARED } from './ioc-views';
import type { IocSourceSettings } from './ioc-views';
import { IocSources, toColumns } from './models';
import { tell } from './repositories/ioc-batch';
import { sourceRow } from './repositories/ioc-settings';
import { shift, toInstant } from './time';
import { inTransaction } from './transaction';

const DAY_MS = 86_400_000;

interface Example {
  type: IocType;
  value: string;
  confidence: number;
  /** How long before now it was last seen. */
  daysAgo: number;
  tags: string[];
}

/** Files of the samples are named by the hash of a sentence, so that no real file is accused. */
function exampleFile(name: string): string {
  return createHash('sha256').update(`soar-sample-${name}`).digest('hex');
}

const ip = (value: string, confidence: number, daysAgo: number, ...tags: string[]): Example => ({
  type: 'ip',
  value,
  confidence,
  daysAgo,
  tags,
});
const domain = (value: string, confidence: number, daysAgo: number, ...tags: string[]): Example => ({
  ...ip(value, confidence, daysAgo, ...tags),
  type: 'domain',
});
const url = (value: string, confidence: number, daysAgo: number, ...tags: string[]): Example => ({
  ...ip(value, confidence, daysAgo, ...tags),
  type: 'url',
});
const file = (name: string, confidence: number, ...tags: string[]): Example => ({
  ...ip(exampleFile(name), confidence, 60, ...tags),
  type: 'sha256',
});

/** A start for trying things out: what the samples speak of, and neighbours of every type and age. */
const EXAMPLES: readonly Example[] = [
  ip('185.220.101.1', 90, 0, 'tor-exit', 'bruteforce'),
  ip('193.32.162.157', 85, 0, 'bruteforce'),
  ip('91.240.118.172', 80, 0, 'scanner', 'exploit'),
  ip('198.51.100.23', 75, 3, 'example', 'c2'),
  ip('198.51.100.77', 60, 10, 'example', 'scanner'),
  ip('203.0.113.66', 70, 20, 'example', 'bruteforce'),
  ip('203.0.113.200', 80, 90, 'example', 'expired'),
  ip('192.0.2.0/24', 50, 1, 'example', 'test-net'),
  ip('198.51.100.128/25', 65, 2, 'example', 'bulletproof-hosting'),
  ip('2001:db8:bad::/48', 70, 1, 'example', 'c2'),
  ip('2001:db8::dead:beef', 75, 1, 'example', 'c2'),
  domain('exfil-drop.xyz', 85, 0, 'exfiltration'),
  domain('secure-paypa1-login.com', 90, 0, 'phishing'),
  domain('update-cdn-service.top', 80, 0, 'malware-distribution'),
  domain('c2.example.net', 75, 2, 'example', 'c2'),
  domain('beacon.example.org', 70, 5, 'example', 'c2'),
  domain('login-verify.example.com', 80, 1, 'example', 'phishing'),
  domain('old-campaign.example.net', 80, 100, 'example', 'expired'),
  domain('dropper.example.net', 65, 7, 'example', 'malware-distribution'),
  url('https://login-verify.example.com/session', 80, 0, 'example', 'phishing'),
  url('http://dropper.example.net/stage2.bin', 75, 1, 'example', 'malware-distribution'),
  url('https://beacon.example.org/gate.php', 70, 4, 'example', 'c2'),
  file('emotet', 95, 'emotet', 'trojan'),
  file('lockbit', 95, 'lockbit', 'ransomware'),
  file('example-stealer', 85, 'example', 'stealer'),
  file('example-loader', 80, 'example', 'loader'),
  { ...file('example-webshell', 80, 'example', 'webshell') },
  {
    type: 'md5',
    value: createHash('md5').update('soar-sample-emotet').digest('hex'),
    confidence: 95,
    daysAgo: 60,
    tags: ['emotet'],
  },
  {
    type: 'sha1',
    value: createHash('sha1').update('soar-sample-lockbit').digest('hex'),
    confidence: 95,
    daysAgo: 60,
    tags: ['lockbit'],
  },
  {
    type: 'email',
    value: 'billing@login-verify.example.com',
    confidence: 75,
    daysAgo: 1,
    tags: ['example', 'phishing'],
  },
];

/** Where the seed says its entries come from. */
const SOURCE = 'soar-seed';
/** It is believed as the IOC database as a whole is. */
const SETTINGS: IocSourceSettings = { ...UNDECLARED, tlp: 'clear', description: 'Examples for trying things out' };
const ACTOR = 'system';

/**
 * Fills the IOC database with examples, dated relative to `now`; a second call only moves their dates.
 * @returns how many entries there are
 */
export async function seed(knex: Knex, now: string): Promise<number> {
  const at = toInstant(now);
  const source = sourceRow(SOURCE, SETTINGS, { actor: ACTOR, at });
  // one that is there has the settings that somebody gave it
  await knex('ioc_sources').insert(toColumns(IocSources, source)).onConflict('name').ignore();
  const indicators = EXAMPLES.map(({ daysAgo, ...example }) => ({
    ...example,
    first_seen: shift(at, -(daysAgo + 30) * DAY_MS),
    last_seen: shift(at, -daysAgo * DAY_MS),
  }));
  const teller = { source: SOURCE, importId: null, actor: ACTOR, at, defaults: SETTINGS };
  await inTransaction(knex, (trx) => tell(trx, indicators, teller));
  return EXAMPLES.length;
}
