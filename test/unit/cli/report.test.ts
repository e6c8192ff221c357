import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { reportCommand, type ReportOptions } from '../../../cli/commands/report';
import { CliError, UsageError } from '../../../cli/errors';
import { ApiProblemError } from '../../../cli/http';
import { json, serve, type Handler } from './api-double';
import { sessionWith } from './session-double';

const TYPES: Record<string, string> = { html: 'text/html', json: 'application/json', md: 'text/markdown' };
const BODIES: Record<string, string> = {
  html: '<!doctype html>\n',
  json: '{"report":{"version":2}}',
  md: '## Title\n\nText\n',
};

/** Plays the API: answers in the form that the path names, if it is accepted too. */
const api: Handler = ({ url, headers }, response) => {
  const form = /\/report\.(\w+)/.exec(url)?.[1] ?? '';
  const type = TYPES[form] ?? '';
  if (!headers.accept?.startsWith(type)) return json(response, 406, { detail: `accept ${headers.accept}` });
  response.writeHead(200, { 'content-type': type }).end(BODIES[form]);
};

async function report(context: TestContext, options: ReportOptions = {}, machine = false, handler = api) {
  const { url, seen } = await serve(context, handler);
  const double = sessionWith(url, { json: machine });
  const exit = await reportCommand(double.session, 'inc-0123456789', options);
  return { ...double, exit, asked: seen.map((request) => request.url) };
}

const PATH = '/api/v1/incidents/INC-0123456789/report';

test('prints Markdown, the latest, unless told otherwise', async (context) => {
  const { lines, asked, exit } = await report(context);
  assert.deepEqual([lines, asked, exit], [['## Title\n\nText'], [`${PATH}.md`], 0]);
});

test('asks for the form and the version that are named', async (context) => {
  const { lines, asked } = await report(context, { format: 'html', version: 2 });
  assert.deepEqual([lines, asked], [['<!doctype html>'], [`${PATH}.html?version=2`]]);
});

test('--json is the JSON report; another form of it makes no sense', async (context) => {
  const { data, lines } = await report(context, {}, true);
  assert.deepEqual([data, lines], [[{ report: { version: 2 } }], []]);
  await assert.rejects(report(context, { format: 'md' }, true), UsageError);
});

test('--output writes the bytes as they came, and says where', async (context) => {
  const dir = await mkdtemp(join(tmpdir(), 'soar-report-'));
  context.after(() => rm(dir, { recursive: true }));
  for (const [format, body] of Object.entries(BODIES)) {
    const output = join(dir, `report.${format}`);
    const { lines, notes } = await report(context, { format: format as 'md', output });
    assert.equal(await readFile(output, 'utf8'), body);
    assert.deepEqual([lines, notes], [[], [`Written to ${output}.`]]);
  }
  const output = join(dir, 'machine.md');
  const { data } = await report(context, { format: 'md', output }, true);
  assert.deepEqual(data, [{ file: output, format: 'md' }]);
  await assert.rejects(report(context, { output: join(dir, 'none', 'x') }), CliError);
});

test('a refusal is told as any other', async (context) => {
  const detail = 'INC-0123456789 has no report yet: it comes with the first verdict.';
  const refused = report(context, {}, false, (_request, response) => json(response, 404, { detail }));
  await assert.rejects(refused, (error: unknown) => error instanceof ApiProblemError && error.message === detail);
});
