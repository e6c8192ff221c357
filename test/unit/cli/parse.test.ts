import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { parseCommand, type ParseOptions } from '../../../cli/commands/parse';
import { EXIT } from '../../../cli/errors';
import { PROJECT_ROOT } from '../../../config/home';
import { sessionWith } from './session-double';

const folder = mkdtempSync(join(tmpdir(), 'soar-parse-'));
after(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

interface Row {
  file: string;
  format?: string;
  alert?: Record<string, unknown>;
  error?: string;
}

async function parse(paths: string[], options: ParseOptions & { siteFile?: string; json?: boolean } = {}) {
  const { session, lines, data } = sessionWith('http://127.0.0.1:9', { json: options.json ?? true });
  const variables = { ...session.env.variables, SOAR_SITE_FILE: options.siteFile };
  const code = await parseCommand({ ...session, env: { ...session.env, variables } }, paths, options);
  return { code, lines, rows: data as Row[] };
}

const sample = (path: string): string => join(PROJECT_ROOT, 'samples', 'formats', path);

describe('soar parse', () => {
  test('shows the format, the fields and where they were read, how the type was found, and what was left over', async () => {
    const { code, lines } = await parse([sample('fortigate/virus.log')], { json: false });
    const text = lines.join('\n');
    assert.equal(code, EXIT.ok);
    assert.match(lines[0] ?? '', /virus\.log \(fortigate\)$/);
    assert.match(text, /src_ip +\/srcip +10\.20\.4\.31/);
    assert.match(text, /\(type found\) +confidence 0\.\d+: .*it names the hash/s);
    assert.match(text, /\(left over\) .*\/devid/);
  });

  test('gives a line for each alert, and goes on after what cannot be read', async () => {
    const broken = fileOf('broken.json', '{"a":');
    const paths = [join(folder, 'gone.json'), broken, sample('alertmanager/group.json'), folder];
    const { code, rows } = await parse(paths);
    assert.equal(code, EXIT.failure);
    assert.deepEqual(
      rows.map(({ format, error }) => format ?? (error !== undefined ? 'error' : '')),
      ['error', 'error', 'alertmanager', 'alertmanager', 'error'],
    );
    assert.match(rows[0]?.error ?? '', /There is no file or folder/);
  });

  test('finds types by the rows of the site, as the API does', async () => {
    const alert = fileOf('usb.json', '{"source":"dlp","rule_name":"corp: usb copy of plans","hostname":"ws-1"}');
    const siteFile = fileOf('site.yaml', 'classification: [{ type: malware, signature: ["corp: usb *"] }]');
    assert.notEqual((await parse([alert])).rows[0]?.alert?.alert_type, 'malware');
    assert.equal((await parse([alert], { siteFile })).rows[0]?.alert?.alert_type, 'malware');
  });

  test('reads as it is told to', async () => {
    const file = sample('ecs/alert.json');
    assert.equal((await parse([file])).rows[0]?.format, 'ecs');
    assert.equal((await parse([file], { format: 'generic' })).rows[0]?.format, 'generic');
    assert.match((await parse([file], { format: 'nosuch' })).rows[0]?.error ?? '', /there is none named nosuch/);
  });
});
