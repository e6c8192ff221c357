import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { SEARCH_ATTRIBUTES } from '../domain/names';

const { INDEXED_VALUE_TYPE_INT, INDEXED_VALUE_TYPE_KEYWORD } = temporal.api.enums.v1.IndexedValueType;
const VISIBLE_WITHIN_MS = 30_000;

/** Every search attribute of ours with its type in Temporal. */
const WANTED = Object.fromEntries(
  Object.values(SEARCH_ATTRIBUTES).map((name) => [
    name,
    name === SEARCH_ATTRIBUTES.score ? INDEXED_VALUE_TYPE_INT : INDEXED_VALUE_TYPE_KEYWORD,
  ]),
);

/** Search attributes of ours that a namespace does not have, or has with another type. */
export async function searchAttributeProblems(connection: Connection, namespace: string): Promise<string[]> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  return Object.entries(WANTED).flatMap(([name, type]) => {
    const there = customAttributes?.[name];
    if (there === undefined || there === null) return [`${name} is missing`];
    return there === type ? [] : [`${name} has another type than ours`];
  });
}

/**
 * Registers the search attributes that incidents are found by, and waits until they can be used. Those already there
 * are left alone, so any number of processes may call it at once.
 * @throws when one exists with another type, or the server does not let us register them
 */
export async function registerSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const deadline = Date.now() + VISIBLE_WITHIN_MS;
  let problems = await searchAttributeProblems(connection, namespace);
  if (problems.length === 0) return;
  const missing = problems.flatMap((problem) => /^(\S+) is missing$/.exec(problem)?.[1] ?? []);
  if (missing.length > 0) await add(connection, namespace, missing);
  while ((problems = await searchAttributeProblems(connection, namespace)).length > 0) {
    const wrong = problems.filter((problem) => !problem.endsWith('is missing'));
    if (wrong.length > 0 || Date.now() > deadline) {
      throw new Error(`search attributes of namespace ${namespace}: ${problems.join(', ')}`);
    }
    await sleep(200);
  }
}

async function add(connection: Connection, namespace: string, names: string[]): Promise<void> {
  const searchAttributes = Object.fromEntries(Object.entries(WANTED).filter(([name]) => names.includes(name)));
  try {
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  } catch (error) {
    // another process registered them between our look and our call
    const { code } = error as { code?: number };
    if (code !== GRPC_ALREADY_EXISTS) throw error;
  }
}

const GRPC_ALREADY_EXISTS = 6;
