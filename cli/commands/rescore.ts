import { setTimeout as sleep } from 'node:timers/promises';
import type { RescoreAnswer, SoarClient } from '../client';
import { CliError, EXIT, UsageError, type ExitCode } from '../errors';
import { ApiUnreachableError } from '../http';
import { verdictPaint, type Output } from '../output';
import type { Session } from '../session';
import { renderTable } from '../table';
import { clean, plural, shortTime, wrap } from '../text';
import { CHOOSING, givenFilters } from './filters';

export interface RescoreOptions {
  /** RSC-…, or true for what is found now. */
  apply?: string | true;
  reopen?: true;
  yes?: true;
  /** Seconds. */
  timeout: number;
}

type Change = RescoreAnswer['changes'][number];
/** A job with all that it has found. */
type Whole = Omit<RescoreAnswer, 'next_cursor'>;

const PAGE = '200';
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 2000;
/** A short restart of the API is sat out. */
const UNREACHABLE_LIMIT = 5;

/**
 * `soar rescore`: compares past incidents with the rules of today and shows what would change; with `--apply` puts that in
 * force. Exit 1 when an incident could not be compared, or not all of it could be applied.
 */
export async function rescoreCommand(
  session: Session,
  id: string | undefined,
  options: RescoreOptions & Record<string, unknown>,
): Promise<ExitCode> {
  const filter = givenFilters(options, CHOOSING);
  const begun = begunBefore(id, filter, options);
  const client = await session.client();
  const { out } = session;
  const wishes = options.reopen ? { reopen: true as const } : {};
  const jobId = begun ?? (await client.startRescore({ ...filter, ...wishes })).id;
  const follow = () => followJob(client, jobId, options.timeout * 1000);
  await follow();
  if (options.apply !== undefined) {
    await client.applyRescore(jobId, wishes);
    await follow();
  }
  const whole = await wholeJob(client, jobId);
  if (out.json) out.data(whole);
  else showJob(out, whole);
  const { skipped, failed } = whole.counts;
  return whole.state === 'expired' || skipped > 0 || failed > 0 ? EXIT.failure : EXIT.ok;
}

/** The job that is meant, if it is not a new one. @throws UsageError */
function begunBefore(
  id: string | undefined,
  filter: Record<string, string>,
  { apply, yes, reopen }: RescoreOptions,
): string | undefined {
  if (id !== undefined && typeof apply === 'string' && id !== apply) {
    throw new UsageError(`Two re-scorings are named, ${id} and ${apply}: it is one or the other.`);
  }
  const begun = (id ?? (typeof apply === 'string' ? apply : undefined))?.toUpperCase();
  if (begun !== undefined && Object.keys(filter).length > 0) {
    throw new UsageError(`${begun} has chosen its incidents: filters are for a new comparison.`);
  }
  if (begun !== undefined && apply === undefined && reopen) {
    throw new UsageError('--reopen goes with a new comparison, or with --apply.');
  }
  if (begun === undefined && apply !== undefined && !yes) {
    throw new UsageError(
      '--apply without an id puts in force what nobody has looked at.',
      'Add --yes if that is meant; or compare first, and apply by the id that is shown.',
    );
  }
  return begun;
}

/** Polls until nothing more happens by itself. @throws CliError when that takes too long */
async function followJob(client: SoarClient, id: string, timeoutMs: number): Promise<RescoreAnswer> {
  const deadline = performance.now() + timeoutMs;
  let unreachable = 0;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(LONGEST_PAUSE_MS, pause * 1.5)) {
    try {
      const job = await client.rescore(id, { limit: '1' });
      unreachable = 0;
      if (job.state !== 'comparing' && job.state !== 'applying') return job;
    } catch (error) {
      if (!(error instanceof ApiUnreachableError) || ++unreachable > UNREACHABLE_LIMIT) throw error;
    }
    if (performance.now() > deadline) {
      const text = `${id} is not done after ${Math.round(timeoutMs / 1000)} s.`;
      throw new CliError(text, `It goes on; look again with \`soar rescore ${id}\`.`);
    }
    await sleep(pause);
  }
}

async function wholeJob(client: SoarClient, id: string): Promise<Whole> {
  const { next_cursor: next, ...job } = await client.rescore(id, { limit: PAGE });
  const changes = [...job.changes];
  for (let cursor = next; cursor !== null;) {
    const page = await client.rescore(id, { limit: PAGE, cursor });
    changes.push(...page.changes);
    cursor = page.next_cursor;
  }
  return { ...job, changes };
}

function showJob(out: Output, job: Whole): void {
  const { id, state, counts, expires_at: expires } = job;
  if (job.changes.length > 0) showChanges(out, job.changes);
  const compared = `${plural(counts.compared, 'incident')} compared`;
  const comes = counts.changed === 1 ? 'comes' : 'come';
  const found = counts.changed === 0 ? 'none comes out differently' : `${counts.changed} ${comes} out differently`;
  out.line(`${out.colours.bold(id)}  ${state}: ${compared}, ${found}`);
  showFailures(out, job);
  if (state === 'compared' && counts.changed > 0) {
    const until = expires === null ? '' : `, until ${shortTime(expires)} UTC`;
    out.line(`Nothing has been changed. Apply exactly this${until}:  soar rescore --apply ${id}`);
  }
  if (state === 'applied') out.line(`${counts.applied} applied, ${counts.skipped} left as they were.`);
  if (state === 'expired') out.line('Nobody has applied it in time; compare again.');
}

/** What could not be compared; of many, the first ones with their reasons. */
function showFailures(out: Output, { counts, failures }: Whole): void {
  if (counts.failed === 0) return;
  const { yellow } = out.colours;
  out.line(yellow(`${plural(counts.failed, 'incident')} could not be compared:`));
  for (const { incident_id, reason } of failures) {
    wrap(clean(`${incident_id}: ${reason}`), out.width - 4).forEach((line) => out.line(yellow(`    ${line}`)));
  }
  const more = counts.failed - failures.length;
  if (more > 0) out.line(yellow(`    and ${more} more; the logs of the workers have them.`));
}

/** One line for each incident, and why beneath it. */
function showChanges(out: Output, changes: readonly Change[]): void {
  const newest = (text: string) => text.replace(/\S+\s*$/, verdictPaint(out.colours));
  const columns = [
    { title: 'incident' },
    { title: 'type' },
    { title: 'verdict', paint: newest },
    { title: 'score', align: 'right' as const },
    { title: 'decision' },
  ];
  const rows = changes.map((change) => [
    change.incident_id,
    change.alert_type,
    move(change.old.verdict, change.new.verdict),
    move(String(change.old.score), String(change.new.score)),
    move(change.old.decision, change.new.decision),
  ]);
  const [title = '', rule = '', ...lines] = renderTable(columns, rows, out.width).split('\n');
  out.line(title);
  out.line(rule);
  changes.forEach((change, index) => {
    out.line(lines[index] ?? '');
    const why =
      change.skipped === null ? `${EFFECTS[change.effect]}${change.why}` : `Left as it was: ${change.skipped}.`;
    const tone = change.skipped === null ? out.colours.dim : out.colours.yellow;
    wrap(clean(why), out.width - 4).forEach((line) => out.line(tone(`    ${line}`)));
  });
  out.line();
}

/** What applying does beside the verdict. */
const EFFECTS: Record<Change['effect'], string> = {
  verdict: '',
  machine_verdict: "An analyst's verdict stays in force. ",
  open: 'It is open, not escalated. ',
  escalate: 'It is escalated. ',
  close: 'It closes. ',
  flag: 'It stays closed, and is flagged. ',
  reopen: 'It is opened again. ',
};

function move(before: string, after: string): string {
  return before === after ? after : `${before} → ${after}`;
}
