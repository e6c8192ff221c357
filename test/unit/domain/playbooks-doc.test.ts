import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { PROJECT_ROOT } from '../../../config/home';
import type { Told } from '../../../domain/about';
import { ALERT_TYPES, type Alert, type AlertType } from '../../../domain/alert';
import type { EarlierIncident } from '../../../domain/earlier';
import { playbookFor, PLAYBOOKS } from '../../../domain/playbooks';
import type { CaseFacts } from '../../../domain/playbook';
import type { SiteKnowledge } from '../../../domain/site';
import { VERDICTS, type Assessment } from '../../../domain/verdict';
import { caseOf, judge, NOW, SITE } from './cases';
import { admin, brute, infected, mail, moved, outbound, sent } from './plain-alerts';

/** docs/playbooks.md says of each playbook what its code does: the same signals, points, techniques and keys. */

const read = (...path: string[]) => readFileSync(join(PROJECT_ROOT, ...path), 'utf8');
const DOC = read('docs', 'playbooks.md');

function section(title: string): string {
  const [, text] = DOC.split(`\n## ${title}\n`);
  assert.ok(text !== undefined, `docs/playbooks.md has no section ${title}`);
  return text.split('\n## ')[0] ?? '';
}

function rowsOf(text: string): string[][] {
  const lines = text.split('\n').filter((line) => line.startsWith('| '));
  return lines.map((line) => line.slice(2, -2).split(' | '));
}

type Points = Map<string, number[]>;

const numbersIn = (text: string) => [...text.matchAll(/\d+(?:\.\d+)?/g)].map(([digits]) => Number(digits));
const inOrder = (numbers: Iterable<number>) => [...new Set(numbers)].sort((a, b) => a - b);
/** `earlier_alarm` in backquotes, alone in a cell. */
const nameIn = (cell = '') => /^`([a-z_]+)`$/.exec(cell.trim())?.[1];

function documented(type: string): Points {
  const rows = rowsOf(section(type)).map(([name, points = '']) => [nameIn(name), inOrder(numbersIn(points))] as const);
  return new Map(rows.flatMap(([name, points]) => (name === undefined ? [] : [[name, points]])));
}

const TELLING: SiteKnowledge = {
  ...SITE,
  risky_users: ['bob'],
  countries: { expected: ['SE'], watched: ['KP'] },
  working_hours: { timezone: 'Europe/Berlin', days: ['mon'], from: '07:00', to: '19:00' },
};
const NIGHT = '2026-11-22T23:00:00Z';
const HASH = infected.file_hash ?? '';

const told = (observable: string, about: Partial<Told>): Told[] => [
  { source: 'virustotal', evidence: '1/virustotal', ...about, observable: observable as Told['observable'] },
];

const alarm = (shared: string, hosts: string[] = []): EarlierIncident[] => [
  {
    id: 'INC-0000000001',
    alert_type: 'malware',
    verdict: 'malicious',
    resolution: null,
    at: NOW,
    shares: [shared as EarlierIncident['shares'][number]],
    hosts,
  },
];

type Case = [Partial<Alert> | Partial<Alert>[], Partial<CaseFacts>?];

const IP = 'ip:185.220.101.1';
const NEW = { registered: '2026-11-20T00:00:00Z' };
const spread = (count: number) => Array.from({ length: count }, (_, index) => ({ ...brute, username: `u${index}` }));

/**
 * Cases in which between them every signal of the playbook fires, with each number of points that it can have. Of a type
 * without cases the names are compared, but not the points.
 */
const CASES: Partial<Record<AlertType, Case[]>> = {
  brute_force: [
    [spread(5), { told: told(IP, { country: 'KP', kinds: ['tor'] }), earlier: alarm('user:u1') }],
    [
      {
        ...brute,
        username: 'root',
        hostname: 'dc01',
        failed_attempts: 200,
        outcome: 'success',
        raw_log: 'wrong password',
      },
    ],
    [
      [...spread(5), { ...brute, username: 'root', hostname: 'dc01' }],
      { site: { ...TELLING, known_scanners: [{ range: '185.220.101.0/24', name: 'testers' }] } },
    ],
    [{ ...brute, failed_attempts: 2, outcome: 'success' }, { told: told(IP, { country: 'US', kinds: ['hosting'] }) }],
    [{ src_ip: '185.220.101.1', outcome: 'success', title: 'Multiple failed logins' }],
    [{ ...brute, failed_attempts: 20 }],
  ],
  malware: [
    [
      { ...infected, hostname: 'dc01', executed: true, outcome: 'allowed', parent_process: 'winword.exe' },
      { earlier: [...alarm(`sha256:${HASH}`, ['a', 'b', 'c']), ...alarm('host:dc01')] },
    ],
    [infected, { told: told(`sha256:${HASH}`, { label: 'trojan.emotet' }), earlier: alarm(`sha256:${HASH}`, ['a']) }],
    [{ ...infected, domain: 'new.com' }, { told: told('domain:new.com', NEW) }],
  ],
  phishing: [
    [
      {
        ...mail,
        email_from: 'a@secure-paypal-login.com',
        reply_to: 'b@other.net',
        url: 'https://x.pages.dev/y',
        clicked: true,
      },
      {
        told: told('domain:secure-paypal-login.com', NEW),
        earlier: alarm('email:a@secure-paypal-login.com'),
      },
    ],
  ],
  suspicious_ip: [
    [
      { ...outbound, dest_port: 4444, hostname: 'dc01' },
      { told: told(IP, { country: 'KP', kinds: ['tor'] }), earlier: alarm('host:dc01') },
    ],
    [{ ...outbound, domain: 'new.com' }, { told: told('domain:new.com', NEW) }],
    [{ src_ip: '185.220.101.1', direction: 'inbound' }],
  ],
  lateral_movement: [
    [
      { ...moved, timestamp: NIGHT, username: 'root', dest_hostname: 'dc01', command_line: 'wmic; mimikatz' },
      { earlier: alarm('host:dc01') },
    ],
    [
      { ...admin, dest_hostname: 'dc01', timestamp: NIGHT },
      { site: { ...TELLING, privileged_accounts: ['svc-deploy'] } },
    ],
  ],
  data_exfil: [
    [
      { ...sent, timestamp: NIGHT, domain: 'www.dropbox.com', bytes_out: 4_200_000_000, process: 'rclone.exe' },
      { told: told('domain:www.dropbox.com', { country: 'KP' }), earlier: alarm('user:bob') },
    ],
    [{ dest_ip: '185.220.101.1', bytes_out: 200_000_000 }, { told: told(IP, { kinds: ['hosting'] }) }],
    [{ ...sent, domain: 'partner-files.com', bytes_out: 200_000_000, process: 'rclone' }],
    [{ ...sent, domain: 'new.com' }, { told: told('domain:new.com', NEW) }],
  ],
};

function factsOf([alerts, change = {}]: Case): CaseFacts {
  return { ...caseOf(alerts, change.site ?? TELLING), ...change };
}

/** With earlier incidents that are suspicious only. */
function milder(facts: CaseFacts): CaseFacts {
  return { ...facts, earlier: facts.earlier.map((one) => ({ ...one, verdict: 'suspicious' })) };
}

function given(type: AlertType): Points {
  const all: Points = new Map();
  const cases = (CASES[type] ?? []).map(factsOf);
  for (const facts of [...cases, ...cases.map(milder)]) {
    for (const { name, points } of playbookFor(type).signals(facts)) {
      all.set(name, inOrder([...(all.get(name) ?? []), points]));
    }
  }
  return all;
}

const fileOf = (type: string) => read('domain', 'playbooks', `${type.replaceAll('_', '-')}.ts`);

/** The functions of context.ts that give a signal, with its name. */
const SHARED = new Map(
  read('domain', 'playbooks', 'context.ts')
    .split('export function ')
    .flatMap((text) => {
      const [, helper] = /^(\w+)/.exec(text) ?? [];
      const [, name] = /(?:signal|onceForAll)\(\s*'(\w+)'/.exec(text) ?? [];
      return helper !== undefined && name !== undefined ? [[helper, name] as const] : [];
    }),
);

/** The names of the signals that a playbook's file can give. */
function namesIn(source: string): string[] {
  const own = [...source.matchAll(/\b(?:signal|weigh|onceForAll)\(\s*(?:facts, )?'(\w+)'/g)].map(
    ([, name]) => name ?? '',
  );
  const shared = [...SHARED].filter(([helper]) => source.includes(`${helper}(`)).map(([, name]) => name);
  return [...new Set([...own, ...shared])].sort();
}

/** The numbers that stand in a playbook's file where points stand. */
function pointsIn(source: string): number[] {
  const helpers = [...SHARED.keys()].join('|');
  const shapes = [
    /\b(?:signal|weigh|onceForAll)\(\s*(?:facts, )?'\w+',\s*(\d+)/g,
    /\bafter\((\d+)/g,
    /(?:points = |'\w+',\s*)[^;'`]{1,60}\? (\d+) : (\d+)/g,
    new RegExp(`\\b(?:${helpers})\\(facts, [^;]{0,60}?(\\d+)(?: : (\\d+))?\\)`, 'g'),
  ];
  return inOrder(
    shapes.flatMap((shape) => [...source.matchAll(shape)].flatMap(([, ...found]) => numbersIn(found.join(' ')))),
  );
}

/** What of the site the playbook's own functions look at, over its cases and all verdicts. */
function keysUsed(type: AlertType): string[] {
  const used = new Set<string>();
  const playbook = playbookFor(type);
  for (const one of CASES[type] ?? []) {
    const plain = factsOf(one);
    const assessment = judge(type, plain, []);
    const site = new Proxy(plain.site, {
      get: (target, key) => {
        used.add(String(key));
        return Reflect.get(target, key) as unknown;
      },
    });
    const facts = { ...plain, site };
    playbook.signals(facts);
    playbook.clean?.(facts);
    for (const observable of playbook.mustBeClean?.(facts) ?? []) playbook.knownClean?.(facts, observable);
    for (const verdict of VERDICTS) {
      const judged: Assessment = { ...assessment, verdict, complete: true };
      playbook.closesWhen(facts, judged);
      playbook.escalatesWhen(facts, judged);
      playbook.staysOpenWhen?.(facts, judged);
      playbook.recommendations(facts, judged);
    }
  }
  return [...used].sort();
}

for (const type of ALERT_TYPES) {
  describe(`the page of ${type}`, () => {
    test('has every signal of the code, and no other', () => {
      assert.deepEqual([...documented(type).keys()].sort(), namesIn(fileOf(type)));
    });

    test('names its techniques, by the right signals', () => {
      const [, cell = ''] = rowsOf(section(type)).find(([first]) => first === 'ATT&CK') ?? [];
      const found = cell.split(' · ').flatMap((part) => {
        const signals = [...part.matchAll(/`(\w+)`/g)].map(([, name]) => name ?? '').sort();
        return [...part.matchAll(/T\d{4}(?:\.\d{3})?/g)].map(([id]) => `${id} ${signals.join(', ') || 'always'}`);
      });
      const known = PLAYBOOKS[type].techniques.map(
        ({ id, when }) => `${id} ${when?.toSorted().join(', ') ?? 'always'}`,
      );
      assert.deepEqual(found.sort(), known.sort());
    });

    if (CASES[type] === undefined) return;

    test('has all points that a signal can have', () => {
      const all = (points: Points) => Object.fromEntries([...points].sort());
      assert.deepEqual(all(documented(type)), all(given(type)));
    });

    test('is compared with every signal and all points that stand in its file', () => {
      const source = fileOf(type);
      assert.deepEqual([...given(type).keys()].sort(), namesIn(source));
      const reached = new Set([...given(type).values()].flat());
      const unreached = pointsIn(source).filter((points) => !reached.has(points));
      assert.deepEqual(unreached, [], 'a case is missing in which a signal has these points');
      assert.ok(pointsIn(source).length > 0);
    });

    test('names the keys of the site file that steer it', () => {
      const [, cell = ''] = rowsOf(section(type)).find(([first]) => first === 'steered by') ?? [];
      assert.deepEqual([...cell.matchAll(/`(\w+)`/g)].map(([, key]) => key).sort(), keysUsed(type));
    });
  });
}

test('the signals that several playbooks share are told once, with the points of each', () => {
  const [header = [], , ...rows] = rowsOf(section('Signals that several playbooks share'));
  const types = header.slice(1).map((cell) => cell.trim());
  assert.deepEqual(types, Object.keys(CASES));
  const table = rows.map(([name, ...cells]) => [nameIn(name), cells.map((cell) => inOrder(numbersIn(cell)))]);
  const points = types.map((type) => given(type as AlertType));
  const names = [...new Set(points.flatMap((one) => [...one.keys()]))];
  const shared = names.filter((name) => points.filter((one) => one.has(name)).length > 1);
  const expected = shared.map((name) => [name, points.map((one) => one.get(name) ?? [])]);
  assert.deepEqual(table.sort(), expected.sort());
});

test('no signal is named on the page that no playbook gives', () => {
  const signals = new Set(ALERT_TYPES.flatMap((type) => namesIn(fileOf(type))));
  const text = DOC.split('\n## How one is added\n')[0] ?? '';
  const pages = ALERT_TYPES.map((type) => section(type)).join('\n');
  const inRows = rowsOf(pages).flatMap(([name]) => nameIn(name) ?? []);
  const bold = [...text.matchAll(/^- \*\*`(\w+)`\*\*/gm)].map(([, name]) => name ?? '');
  for (const name of [...inRows, ...bold]) assert.ok(signals.has(name), name);
});
