import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createClient } from '../../cli/client';
import { openResumeFile } from '../../cli/stream/resume-file';
import { runStream } from '../../cli/stream/run';
import type { Sent } from '../../cli/stream/send';
import { fileSource } from '../../cli/stream/source';
import { startApi, type TestApi } from './api-server';

describe('soar bulk and the API', () => {
  let api: TestApi;
  let dir: string;
  before(async () => {
    [api, dir] = await Promise.all([startApi(), mkdtemp(join(tmpdir(), 'soar-bulk-'))]);
  });
  after(async () => {
    await api.stop();
    await rm(dir, { recursive: true });
  });

  const submit = async (name: string, text: string | Buffer) => {
    const file = join(dir, name);
    await writeFile(file, text);
    const sent: Sent[] = [];
    const progress = await runStream({
      client: createClient({ url: api.url, apiKey: api.key }),
      sources: [{ name: file, open: () => fileSource(file) }],
      lines: false,
      resume: openResumeFile(join(dir, 'state')),
      onSent: (some) => void sent.push(...some),
    });
    const outcomes = sent.map(({ item, answer, failure }) => [item.line, answer?.alert_type ?? failure]);
    return { progress, outcomes };
  };
  const isKept = async (bytes: string | Buffer) => {
    const sha256 = createHash('sha256').update(bytes).digest();
    return (await api.database.knex('raw_documents').where({ sha256 })).length === 1;
  };

  it('has each item kept as it stands in the file, and names what was refused by its line', async () => {
    const pretty = '{\n  "source": "ids", "alert_type": "malware",\n  "hostname": "h1", "n": 12345678901234567890\n }';
    const bad = '{"source":"ids","alert_type":"malware","src_ip":"300.1.1.1"}';
    const array = await submit('a.json', `[${pretty},\n${bad},\n17,\n{"x":]`);
    assert.deepEqual(array.outcomes[0], [1, 'malware']);
    assert.match(String(array.outcomes[1]?.[1]), /^422 .*\/src_ip must be/);
    assert.match(String(array.outcomes[2]?.[1]), /^422/);
    assert.deepEqual(
      array.outcomes.map(([line]) => line),
      [1, 5, 6, 7],
    );
    assert.ok(await isKept(pretty));

    const line = Buffer.from('{"source":"ids","rule_id":"caf\xe9"}', 'latin1');
    const ndjson = await submit('b.ndjson', Buffer.concat([line, Buffer.from(`\n${bad}\n{"hello":"world"}\n`)]));
    assert.match(String(ndjson.outcomes[0]?.[1]), /^400 .*not valid utf-8/);
    assert.deepEqual(ndjson.outcomes[2], [3, 'unclassified']);

    const entry = '  Nov 23 12:00:00 h sshd[1]: Failed password for root from 203.0.113.9 port 4 ssh2';
    const log = await submit('auth.log', `${entry}\r\n\r\nanother\n`);
    assert.deepEqual([log.progress.alerts, log.progress.failed], [2, 0]);
    assert.ok(await isKept(entry));
  });

  it('doubles nothing, however often and however late it is called again', async () => {
    const text = Array.from({ length: 600 }, (_, n) => JSON.stringify({ event: n })).join('\n');
    assert.deepEqual((await submit('c.jsonl', text)).progress.duplicates, 0);
    // as if it had been days ago: by then a body alone stands for nothing any more
    await api.database.knex('alerts').whereNotNull('identity_until').update({ identity_until: '2020-01-01 00:00:00' });
    const again = await submit('c.jsonl', `${text}\n{"event":"new"}`);
    assert.equal(again.progress.duplicates, 500, 'the parts that are as they were');
    const once = await submit('c.jsonl', `${text}\n{"event":"new"}`);
    assert.equal(once.progress.duplicates, 601);
  });
});
