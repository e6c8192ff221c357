import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command } from 'commander';
import { SORT_KEYS } from '../../../db/views';
import { incidentFilters } from '../../../api/schemas/incident-filter';
import { CHOOSING, flagOf, givenFilters, INCIDENT_FILTERS } from '../../../cli/commands/filters';

test('every filter of the API is a flag, and is handed on by its name there', () => {
  assert.deepEqual(Object.keys(CHOOSING).sort(), Object.keys(incidentFilters).sort());
  const command = new Command();
  for (const name of Object.keys(CHOOSING)) command.option(flagOf(name));
  const given = Object.keys(CHOOSING).flatMap((name) => [`--${name.replaceAll('_', '-')}`, `of ${name}`]);
  const options = command.parse(given, { from: 'user' }).opts<Record<string, unknown>>();
  const expected = Object.fromEntries(Object.keys(CHOOSING).map((name) => [name, `of ${name}`]));
  assert.deepEqual(givenFilters(options, CHOOSING), expected);
});

test('the help names every key to sort by', () => {
  for (const key of SORT_KEYS) assert.ok(INCIDENT_FILTERS['sort']?.includes(key), key);
});
