import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { changesSchema } from '../../../api/schemas/changes';
import { runProgram } from '../../../cli/program';
import { PROJECT_ROOT } from '../../../config/home';
import { readActMessage, usageOf } from '../../../domain/act-messages';
import { MOVES, NEED_REASON, RESOLUTIONS_BY_HAND, RUN_ACTS, type RunAct } from '../../../domain/acts';
import { STATUSES } from '../../../domain/incident';
import { DEFAULT_SITE } from '../../../domain/site';
import { json, serve } from './api-double';
import { incident } from './incident-fixture';
import { sessionWith } from './session-double';

/** docs/casework.md says what the code does: the statuses, the moves, and how each act is asked for. */

const DOC = readFileSync(join(PROJECT_ROOT, 'docs', 'casework.md'), 'utf8');

function rowsOf(title: string): string[][] {
  const [, text = ''] = DOC.split(`\n## ${title}\n`);
  const [, , ...rows] = (text.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('| '));
  return rows.map((line) => line.slice(2, -2).split(' | '));
}

const namesIn = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
const codeIn = (cell = ''): string => namesIn(cell)[0] ?? '';

test('every status, and every resolution that a person may give', () => {
  assert.deepEqual(
    rowsOf('Statuses').map(([name]) => codeIn(name)),
    [...STATUSES],
  );
  for (const resolution of RESOLUTIONS_BY_HAND) assert.ok(DOC.includes(`\`${resolution}\``), resolution);
});

test('the moves are those of the code, and no others', () => {
  const told = rowsOf('What is allowed').map(([act, from, to]) => [codeIn(act), namesIn(from), namesIn(to)]);
  const moves = Object.entries(MOVES).map(([act, { from, to }]) => [act, [...from], to === undefined ? [] : [to]]);
  assert.deepEqual(told, moves);
});

describe('each way to ask for an act does it', () => {
  const rows = rowsOf('How to act').filter((cells) => cells.length === 5);
  const isAct = (name: string): name is RunAct => RUN_ACTS.some((act) => act === name);

  test('there is a row for each act', () => {
    const named = rows.map(([, , , update]) => codeIn(update)).filter(Boolean);
    assert.deepEqual(named.sort(), [...RUN_ACTS].sort());
  });

  for (const [what = '', patch, command, update, input] of rows) {
    test(`${what}: the command sends what the API is shown to be sent`, async (context) => {
      const { url, seen } = await serve(context, (_request, response) =>
        json(response, 200, incident({ status: 'on_hold' })),
      );
      const args = [...codeIn(command).matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
      assert.equal(args.shift(), 'soar');
      const { session } = sessionWith(url);
      assert.equal(await runProgram(args, () => session), 0);
      const sent: unknown = JSON.parse(seen.find(({ method }) => method === 'PATCH')?.body ?? '');
      assert.deepEqual(changesSchema.parse(sent), changesSchema.parse(JSON.parse(codeIn(patch))));
    });

    const name = codeIn(update);
    if (!isAct(name)) continue;
    test(`${what}: the update takes its input`, () => {
      assert.equal(usageOf(name), `Give ${codeIn(input)}`);
      assert.equal(typeof readActMessage(name, JSON.parse(codeIn(input))), 'object');
    });
  }

  test('which need a reason', () => {
    assert.deepEqual([...NEED_REASON].sort(), ['hold', 'overrideVerdict']);
    assert.match(DOC, /a hold and an override need one/);
  });
});

test('the defaults of reminder and escalation', () => {
  assert.match(DOC, new RegExp(`\`sla_reminder_percent\` \\(${DEFAULT_SITE.sla_reminder_percent}\\)`));
  const levels = DEFAULT_SITE.escalation_levels.join(', ');
  assert.ok(DOC.replaceAll(/\s+/g, ' ').includes(`\`escalation_levels\` (${levels})`), levels);
});
