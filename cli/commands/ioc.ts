import { IOC_TYPES, type IocType } from '../../domain/intel/indicator';
import type { SoarClient } from '../client';
import { CliError, EXIT, UsageError, type ExitCode } from '../errors';
import type { IocAnswer, IocAnswers } from '../ioc-client';
import { showAnswer, showAnswers } from '../ioc-view';
import type { Session } from '../session';
import { piecesOf } from '../stdin-lines';
import { typed } from '../text';

/** Values that the API takes at once. */
const AT_ONCE = 1_000;

/**
 * `soar ioc lookup [TYPE] VALUE…`, or `-` for values on standard input, one a line. An indicator that is not known is an
 * answer, not a failure; of several, one that cannot be looked up is.
 */
export async function iocLookupCommand(session: Session, words: string[]): Promise<ExitCode> {
  const [type, values] = await valuesOf(session, words);
  const client = await session.client();
  const { out } = session;
  const [only] = values;
  if (only !== undefined && values.length === 1 && !words.includes('-')) {
    const answer = await client.iocs.lookup({ ...(type && { type }), value: only });
    if (out.json) out.data(answer);
    else showAnswer(out, answer);
    return EXIT.ok;
  }
  const answers = await lookUpAll(client, type, values);
  if (out.json) out.data(answers);
  else showAnswers(out, answers, values);
  return answers.failed > 0 ? EXIT.failure : EXIT.ok;
}

/** @throws UsageError when there is nothing to look up */
async function valuesOf(session: Session, words: string[]): Promise<[IocType | undefined, string[]]> {
  const [first = '', ...rest] = words;
  const type = rest.length > 0 ? IOC_TYPES.find((known) => known === first.toLowerCase()) : undefined;
  const named = type === undefined ? words : rest;
  const values: string[] = [];
  for (const word of named) values.push(...(word === '-' ? await piecesOf(session) : [word]));
  if (values.length === 0) throw new UsageError('There is nothing to look up.');
  return [type, values];
}

async function lookUpAll(client: SoarClient, type: IocType | undefined, values: string[]): Promise<IocAnswers> {
  const whole: IocAnswers = { results: [], found: 0, failed: 0 };
  for (let start = 0; start < values.length; start += AT_ONCE) {
    const batch = values.slice(start, start + AT_ONCE);
    const asked = type === undefined ? batch : batch.map((value) => ({ type, value }));
    const { results, found, failed } = await client.iocs.lookupMany(asked);
    whole.results.push(...results.map((result) => ({ ...result, index: start + result.index })));
    whole.found += found;
    whole.failed += failed;
  }
  return whole;
}

/**
 * The entry that somebody means by its number or by its value.
 * @throws CliError when there is none
 */
export async function entryIdOf(client: SoarClient, text: string): Promise<number> {
  if (/^#?\d{1,15}$/.test(text)) return Number(text.replace('#', ''));
  const answer: IocAnswer = await client.iocs.lookup({ value: text });
  const exact = answer.matches.find(({ match }) => match === 'exact');
  if (exact) return exact.id;
  const name = `${answer.type}:${answer.value}`;
  throw new CliError(`There is no entry for ${name}.`, `Add it with: soar ioc add ${typed(answer.value)}`);
}
