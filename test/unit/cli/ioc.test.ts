import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { EXIT, UsageError } from '../../../cli/errors';
import { runProgram } from '../../../cli/program';
import { json, serve, type Handler } from './api-double';
import { answer, entry, source } from './ioc-fixture';
import { sessionWith } from './session-double';

async function run(t: TestContext, handle: Handler, args: string[], stdin: string[] = []) {
  const { url, seen } = await serve(t, handle);
  const input = stdin.map((text) => Buffer.from(text));
  const { session, lines, data, notes } = sessionWith(url, { json: args.includes('--json'), stdin: input });
  const code = await runProgram(['ioc', ...args], () => session);
  return { code, seen, lines, data, notes, text: lines.join('\n') };
}

const nobody: Handler = (_request, response) => json(response, 500, {});

describe('soar ioc lookup', () => {
  const known: Handler = (_request, response) => json(response, 200, answer());

  it('shows who says what of a value, how it stands today, and where it was seen', async (t) => {
    const { seen, lines, code } = await run(t, known, ['lookup', '185.220.101[.]1']);
    assert.deepEqual([seen[0]?.method, seen[0]?.url], ['GET', '/api/v1/ioc/lookup?value=185.220.101%5B.%5D1']);
    assert.equal(code, EXIT.ok);
    assert.deepEqual(lines, [
      'ip:185.220.101.1  known, confidence 61.5',
      '  #42 confidence 61.5, once 75, last seen 2026-11-23 12:00 UTC',
      '    urlhaus (B)  75  2026-11-23 12:00 to 2026-11-23 12:00 · TLP:GREEN · c2 · https://intel.example/1',
      '                     · by kim',
      '  in incidents  INC-0123456789',
    ]);
  });

  it('asks with a type where one stands in front', async (t) => {
    const { seen, data } = await run(t, known, ['lookup', 'IP', '185.220.101.1', '--json']);
    assert.equal(seen[0]?.url, '/api/v1/ioc/lookup?type=ip&value=185.220.101.1');
    assert.deepEqual(data, [answer()]);
  });

  it('says what an analyst has said, and what is on a list', async (t) => {
    const override = { verdict: 'benign', reason: 'Ours', by: 'ann', at: '2026-11-24T00:00:00Z' } as const;
    const [match] = answer().matches;
    const dismissed = { ...match!, state: 'dismissed', confidence: 0, override } as const;
    const lists = [{ list: 'public-dns', version: '7', kind: 'benign', reason: '9.9.9.9 is a resolver' } as const];
    const told = answer({ confidence: 0, matches: [dismissed], warning_lists: lists, incidents: [] });
    const { text } = await run(t, (_request, response) => json(response, 200, told), ['lookup', '9.9.9.9']);
    assert.match(text, /known, dismissed as benign\n {2}#42 dismissed as benign by ann/);
    assert.match(text, /\n {4}Ours\n/);
    assert.match(text, /! 9\.9\.9\.9 is a resolver \(list public-dns, version 7\)/);
  });

  it('asks about many at once, from arguments and standard input, and fails where one is no value', async (t) => {
    const problem = {
      ...{ type: 'x', title: 'x', status: 422, detail: 'x', instance: '', request_id: '' },
      errors: [{ pointer: '', detail: 'Is nothing' }],
    };
    const none = answer({ found: false, confidence: 0, matches: [], sources: [], incidents: [] });
    const results = [
      { index: 0, http_status: 200, ...answer() },
      { index: 1, http_status: 200, ...none },
      { index: 2, http_status: 422, ...problem },
    ];
    const handle: Handler = (_request, response) => json(response, 200, { results, found: 1, failed: 1 });
    const stdin = ['# ours\n\n192.0', '.2.1\r\nx y\n'];
    const { seen, lines, code } = await run(t, handle, ['lookup', '185.220.101.1', '-'], stdin);
    assert.deepEqual(JSON.parse(seen[0]?.body ?? ''), { values: ['185.220.101.1', '192.0.2.1', 'x y'] });
    assert.equal(code, EXIT.failure);
    assert.deepEqual(lines, [
      'ip:185.220.101.1  known, confidence 61.5 · urlhaus · 1 incident',
      'ip:185.220.101.1  not known',
      'x y               ✗ Is nothing',
      '',
      '3 values: 1 known, 1 not known, 1 that cannot be looked up.',
    ]);
  });

  it('sends a thousand with each call', async (t) => {
    const handle: Handler = ({ body }, response) => {
      const { values } = JSON.parse(body) as { values: string[] };
      const results = values.map((value, index) => ({ index, http_status: 200, ...answer({ value }) }));
      json(response, 200, { results, found: values.length, failed: 0 });
    };
    const many = Array.from({ length: 1_500 }, (_, n) => `192.0.2.${n}`).join('\n');
    const { seen, data } = await run(t, handle, ['lookup', '-', '--json'], [many]);
    assert.equal(seen.length, 2);
    const [whole] = data as [{ results: { index: number }[]; found: number }];
    assert.deepEqual([whole.found, whole.results[1_499]?.index], [1_500, 1_499]);
  });

  it('is called wrongly without a value', async (t) => {
    await assert.rejects(run(t, nobody, ['lookup', '-'], ['# nothing\n']), UsageError);
  });
});

describe('soar ioc list', () => {
  it('shows one line for each, marks what is flagged, and how to go on', async (t) => {
    const items = [entry(), entry({ id: 41, value: 'a'.repeat(120), type: 'domain', state: 'expired', flagged: true })];
    const page: Handler = (_request, response) => json(response, 200, { items, next_cursor: 'more', links: {} });
    const { seen, lines, notes } = await run(t, page, [
      'list',
      '--type',
      'ip',
      '--min-confidence',
      '60',
      '--state',
      'active',
    ]);
    assert.equal(seen[0]?.url, '/api/v1/iocs?type=ip&min_confidence=60&state=active');
    assert.match(lines[2] ?? '', /^42 +ip +185\.220\.101\.1 +61\.5 +active +2026-11-23 12:00 +urlhaus$/);
    assert.match(lines[3] ?? '', /^41 +domain +a+… +61\.5 +expired +! +2026-11-23 12:00/);
    assert.ok(lines.every((line) => [...line].length <= 100));
    assert.deepEqual(notes, ['! private, your own, or on a warning list', 'More: add --cursor more']);
  });

  it('tells an empty page from the end', async (t) => {
    const page = (next_cursor: string | null): Handler => {
      return (_request, response) => json(response, 200, { items: [], next_cursor, links: {} });
    };
    assert.deepEqual((await run(t, page(null), ['list'])).lines, ['No entry is like that.']);
    const short = await run(t, page('c'), ['list']);
    assert.deepEqual([short.lines, short.notes], [['None so far.'], ['More: add --cursor c']]);
  });
});

describe('single entries', () => {
  const api: Handler = ({ url }, response) => {
    const found = url.startsWith('/api/v1/ioc/lookup') ? answer() : entry();
    json(response, 200, found);
  };

  it('are named by number or by value', async (t) => {
    const byNumber = await run(t, api, ['show', '#42']);
    assert.deepEqual(
      byNumber.seen.map(({ url }) => url),
      ['/api/v1/iocs/42'],
    );
    assert.equal(byNumber.lines[0], 'ip:185.220.101.1  confidence 61.5, once 75  #42');
    const last = byNumber.lines.at(-1) ?? '';
    assert.ok(last.includes('2026-11-23 12:00') && last.includes('kim said as analyst: ip 185.220.101.1'), last);
    assert.ok(!last.includes('\u001b'), 'what a terminal obeys is not shown');
    const byValue = await run(t, api, ['show', '185.220.101.1']);
    assert.equal(byValue.seen[1]?.url, '/api/v1/iocs/42');
    const none: Handler = (_request, response) => json(response, 200, answer({ found: false, matches: [] }));
    await assert.rejects(run(t, none, ['show', '185.220.101.1']), { hint: /soar ioc add 185\.220\.101\.1/ });
    const url = "http://evil.example/?a=1&b='$(id)";
    const link: Handler = (_request, response) =>
      json(response, 200, answer({ found: false, matches: [], type: 'url', value: url }));
    const quoted = "Add it with: soar ioc add 'http://evil.example/?a=1&b='\\''$(id)'";
    await assert.rejects(run(t, link, ['show', url]), { hint: quoted });
  });

  it('are added with what is known of them', async (t) => {
    const flags = ['--confidence', '80', '--tag', 'c2', 'apt', '--tlp', 'green', '--until', '2026-12-24T08:00Z'];
    const { seen, lines } = await run(t, api, ['add', 'evil[.]example', ...flags, '--reference', 'INT-42']);
    assert.deepEqual([seen[0]?.method, seen[0]?.url], ['POST', '/api/v1/iocs']);
    assert.deepEqual(JSON.parse(seen[0]?.body ?? ''), {
      ...{ value: 'evil[.]example', confidence: 80, tags: ['c2', 'apt'], tlp: 'green', reference: 'INT-42' },
      expires_at: '2026-12-24T08:00:00.000000Z',
    });
    assert.match(lines.join('\n'), /incidents {2}INC-0123456789/);
    for (const wrong of [['add'], ['add', 'x', '--confidence', '101'], ['add', 'x', '--type', 'host']]) {
      await assert.rejects(run(t, nobody, [...wrong, '--json']), UsageError, wrong.join(' '));
    }
  });

  it('are judged with a reason, and that is taken back', async (t) => {
    const judged = await run(t, api, ['verdict', '42', 'malicious', '--reason', 'C2']);
    assert.deepEqual([judged.seen[0]?.method, judged.seen[0]?.url], ['PATCH', '/api/v1/iocs/42']);
    assert.deepEqual(JSON.parse(judged.seen[0]?.body ?? ''), { verdict: 'malicious', reason: 'C2' });
    const back = await run(t, api, ['verdict', '42', 'none']);
    assert.deepEqual(JSON.parse(back.seen[0]?.body ?? ''), { verdict: null });
    await assert.rejects(run(t, nobody, ['verdict', '42', 'benign']), UsageError);
    await assert.rejects(run(t, nobody, ['verdict', '42', 'odd', '--json']), UsageError);
  });

  it("of an incident are confirmed in one call, as the incident's page says", async (t) => {
    const { seen } = await run(t, api, ['confirm', 'inc-0123456789', 'ip:185.220.101.1', '--reason', 'C2']);
    assert.equal(seen[0]?.url, '/api/v1/incidents/INC-0123456789/iocs');
    assert.deepEqual(JSON.parse(seen[0]?.body ?? ''), { observable: 'ip:185.220.101.1', reason: 'C2' });
  });
});

describe('soar ioc delete', () => {
  const api: Handler = ({ method, url }, response) => {
    if (method === 'GET') json(response, 200, source());
    else if (url.includes('?')) json(response, 200, { source: 'urlhaus', sightings: 12_034, entries: 1 });
    else json(response, 200, { id: 42, removed: true });
  };

  it('removes an entry, or all of a source when that is meant', async (t) => {
    const one = await run(t, api, ['delete', '42']);
    assert.deepEqual(one.lines, ['Entry #42 is removed, with all that was said of it.']);
    const bulk = await run(t, api, ['delete', '--source', 'urlhaus', '--yes']);
    assert.deepEqual(
      bulk.seen.map(({ method, url }) => `${method} ${url}`),
      ['DELETE /api/v1/iocs?source=urlhaus'],
    );
    assert.deepEqual(bulk.lines, ['12,034 sightings of urlhaus removed, and 1 entry that nobody else knew.']);
  });

  it('says how much that would be, and removes nothing, without --yes', async (t) => {
    await assert.rejects(run(t, api, ['delete', '--source', 'urlhaus']), {
      ...{ name: 'UsageError', message: 'This removes what urlhaus has said of 12,034 entries.', hint: /--yes/ },
    });
    await assert.rejects(run(t, nobody, ['delete']), UsageError);
    await assert.rejects(run(t, nobody, ['delete', '42', '--source', 'x']), UsageError);
  });
});

describe('soar ioc sources', () => {
  const api: Handler = ({ method, url }, response) => {
    if (method === 'GET' && url.endsWith('ioc-sources')) json(response, 200, { items: [source()] });
    else if (url.endsWith('/new') && method === 'GET') json(response, 404, { status: 404, detail: 'none' });
    else json(response, 200, source());
  };

  it('lists them, with how their feeds do', async (t) => {
    const { lines } = await run(t, api, ['sources', 'list']);
    assert.match(lines[2] ?? '', /^urlhaus +B +75 +12,034 +every 1h +imported 2026-11-23 12:00$/);
    assert.match(
      (await run(t, api, ['sources', 'show', 'urlhaus'])).text,
      /feed +https:\/\/kim:\*\*\*@feeds\.example\/a/,
    );
  });

  it('changes what is given and leaves the rest, the feed too', async (t) => {
    const { seen } = await run(t, api, [
      'sources',
      'set',
      'urlhaus',
      '--confidence',
      '60',
      '--expires-after',
      '0',
      '--pause',
    ]);
    assert.deepEqual([seen[1]?.method, seen[1]?.url], ['PUT', '/api/v1/ioc-sources/urlhaus']);
    assert.deepEqual(JSON.parse(seen[1]?.body ?? ''), {
      ...{
        reliability: 'B',
        confidence: 60,
        tlp: 'clear',
        expires_after_days: null,
        tags: ['malware'],
        description: null,
      },
      feed: { url: 'https://kim:***@feeds.example/a', format: null, columns: null, every_seconds: 3_600, paused: true },
    });
    const without = await run(t, api, ['sources', 'set', 'urlhaus', '--no-feed']);
    assert.equal((JSON.parse(without.seen[1]?.body ?? '') as { feed: unknown }).feed, null);
  });

  it('wants to know how far a new one is believed', async (t) => {
    await assert.rejects(run(t, api, ['sources', 'set', 'new', '--feed', 'https://feeds.example/b']), UsageError);
    await assert.rejects(run(t, api, ['sources', 'set', 'new', '--reliability', 'A', '--every', '1h']), UsageError);
    const { seen } = await run(t, api, [
      ...['sources', 'set', 'new', '--reliability', 'A', '--feed', 'https://feeds.example/b', '--every', '30m'],
      ...['--columns', 'value:2,type:Kind'],
    ]);
    assert.deepEqual(JSON.parse(seen[1]?.body ?? ''), {
      reliability: 'A',
      feed: { url: 'https://feeds.example/b', columns: { value: '2', type: 'Kind' }, every_seconds: 1_800 },
    });
  });

  it('polls and forgets them', async (t) => {
    const polled = await run(t, api, ['sources', 'poll', 'urlhaus']);
    assert.deepEqual([polled.seen[0]?.method, polled.seen[0]?.url], ['POST', '/api/v1/ioc-sources/urlhaus/poll']);
    const removed = await run(t, api, ['sources', 'remove', 'urlhaus']);
    assert.equal(removed.seen[0]?.method, 'DELETE');
    assert.match(removed.text, /What it has said stays/);
  });
});
