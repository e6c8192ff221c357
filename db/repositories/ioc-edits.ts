import { appendActions, deed, openChain, SYSTEM_CHAIN } from '../audit-chain';
import type { LockedChain } from '../audit-chain';
import type { Knex, Transaction } from '../connect';
import type { ChangeOutcome, IocRepository, IocVerdict, IocView, ManualIoc, Who } from '../ioc-views';
import { Iocs } from '../models';
import { toInstant } from '../time';
import { inTransaction } from '../transaction';
import { takeTurn, tell } from './ioc-batch';
import { entryOf, entryOfValue } from './ioc-entries';
import { actKey } from './ioc-history';
import { settingsOf } from './ioc-settings';
import { renewTags } from './ioc-tags';

type IocEdits = Pick<IocRepository, 'add' | 'override' | 'removeSighting' | 'remove'>;

/** What people do to single entries; each act has a row in the system's chain with what stood there before and after. */
export function createIocEdits(knex: Knex): IocEdits {
  /** Takes the chain before the turn, as everybody does who needs both. */
  function edit<T>(work: (trx: Transaction, chain: LockedChain) => Promise<T>): Promise<T> {
    return inTransaction(knex, async (trx) => {
      const chain = await openChain(trx, SYSTEM_CHAIN);
      await takeTurn(trx);
      return work(trx, chain);
    });
  }

  return {
    add: (ioc, by) => edit((trx, chain) => add(trx, chain, ioc, by)),
    override: (id, verdict, by) => edit((trx, chain) => override(trx, chain, { id, verdict, by })),
    removeSighting: (id, source, by) => edit((trx, chain) => removeSighting(trx, chain, { id, source, by })),
    remove: (id, by) => edit((trx, chain) => remove(trx, chain, id, by)),
  };
}

async function add(
  trx: Transaction,
  chain: LockedChain,
  { source, ...indicator }: ManualIoc,
  by: Who,
): Promise<{ created: boolean; ioc: IocView }> {
  const before = await entryOfValue(trx, indicator.type, indicator.value);
  const at = toInstant(by.at);
  const defaults = await settingsOf(trx, source);
  const { unchanged } = await tell(trx, [indicator], { source, importId: null, actor: by.actor, at, defaults });
  const ioc = await entryOfValue(trx, indicator.type, indicator.value);
  if (!ioc) throw new Error(`${indicator.type} ${indicator.value} was not kept`);
  if (unchanged === 0) {
    const summary = `${by.actor} said as ${source}: ${nameOf(ioc)}`;
    await note(trx, chain, { action: 'add_ioc', summary, by, before, after: ioc });
  }
  return { created: !before, ioc };
}

async function override(
  trx: Transaction,
  chain: LockedChain,
  { id, verdict, by }: { id: number; verdict: { verdict: IocVerdict; reason: string } | null; by: Who },
): Promise<ChangeOutcome<IocView>> {
  const before = await entryOf(trx, id);
  if (!before) return { outcome: 'not_found' };
  const said = before.override;
  if (said?.verdict === verdict?.verdict && said?.reason === verdict?.reason) {
    return { outcome: 'unchanged', ioc: before };
  }
  await Iocs.query(trx)
    .findById(id)
    .patch(
      verdict
        ? {
            ...{ verdict: verdict.verdict, verdict_reason: verdict.reason },
            ...{ verdict_by: by.actor, verdict_at: toInstant(by.at) },
          }
        : { verdict: null, verdict_reason: null, verdict_by: null, verdict_at: null },
    );
  const ioc = await after(trx, id);
  const summary = verdict
    ? `${by.actor} calls ${nameOf(ioc)} ${verdict.verdict}: ${verdict.reason}`
    : `${by.actor} took back that ${nameOf(ioc)} is ${said?.verdict ?? 'anything'}`;
  await note(trx, chain, { action: 'override_ioc', summary, by, before, after: ioc });
  return { outcome: 'changed', ioc };
}

async function removeSighting(
  trx: Transaction,
  chain: LockedChain,
  { id, source, by }: { id: number; source: string; by: Who },
): Promise<ChangeOutcome<IocView | null>> {
  const before = await entryOf(trx, id);
  if (!before?.sightings.some((sighting) => sighting.source === source)) return { outcome: 'not_found' };
  await trx('ioc_sightings').where({ ioc_id: id, source }).delete();
  const isLast = before.sightings.length === 1 && before.override === null;
  if (isLast) await trx('iocs').where({ id }).delete();
  else await renewTags(trx, [id]);
  const ioc = isLast ? null : await after(trx, id);
  const summary = `${by.actor} removed what ${source} says of ${nameOf(before)}`;
  await note(trx, chain, { action: 'remove_ioc_sighting', summary, by, before, after: ioc ?? undefined });
  return { outcome: 'changed', ioc };
}

async function remove(trx: Transaction, chain: LockedChain, id: number, by: Who): Promise<boolean> {
  const before = await entryOf(trx, id);
  if (!before) return false;
  await trx('iocs').where({ id }).delete();
  const summary = `${by.actor} removed ${nameOf(before)}`;
  await note(trx, chain, { action: 'remove_ioc', summary, by, before, after: undefined });
  return true;
}

async function after(trx: Transaction, id: number): Promise<IocView> {
  const ioc = await entryOf(trx, id);
  if (!ioc) throw new Error(`Entry ${id} is gone`);
  return ioc;
}

function nameOf({ type, value }: Pick<IocView, 'type' | 'value'>): string {
  return `${type} ${value}`;
}

interface Change {
  action: string;
  summary: string;
  by: Who;
  before: IocView | undefined;
  after: IocView | undefined;
}

async function note(trx: Transaction, chain: LockedChain, { action, summary, by, ...change }: Change): Promise<void> {
  const id = (change.after ?? change.before)?.id ?? 0;
  const detail = { before: change.before ?? null, after: change.after ?? null };
  const action_key = actKey(id, action, chain.head.seq + 1);
  await appendActions(trx, chain, [deed({ incident_id: null, action_key, action, ...by, summary, detail })]);
}
