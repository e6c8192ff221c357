import { normaliseHash, normaliseValue } from '../../domain/normalise';
import type { IocAnswer } from '../client';
import { EXIT, UsageError, type ExitCode } from '../errors';
import type { Output } from '../output';
import type { Session } from '../session';
import { renderList } from '../table';
import { clean, shortTime } from '../text';

const TYPES = ['ip', 'domain', 'url', 'md5', 'sha1', 'sha256', 'email'] as const;
type IocType = (typeof TYPES)[number];

/** `soar ioc lookup [TYPE] VALUE`. An indicator that is not known is an answer, not a failure. */
export async function iocLookupCommand(session: Session, first: string, second: string | undefined): Promise<ExitCode> {
  const { type, value } = second === undefined ? guess(first) : { type: typeNamed(first), value: second };
  const client = await session.client();
  const answer = await client.lookupIoc(type, value);
  const { out } = session;
  if (out.json) out.data(answer);
  else show(out, answer);
  return EXIT.ok;
}

function typeNamed(name: string): IocType {
  const type = TYPES.find((known) => known === name.toLowerCase());
  if (!type) throw new UsageError(`${name} is no type of indicator.`, `Types: ${TYPES.join(', ')}.`);
  return type;
}

/** What a value can only be; in the order in which one form could be mistaken for the next. */
export function guess(value: string): { type: IocType; value: string } {
  const type =
    (normaliseValue('ip', value) && 'ip') ??
    normaliseHash(value)?.type ??
    (/:\/\/|\[:\]|^hxxp|\//i.test(value) && normaliseValue('url', value) ? 'url' : undefined) ??
    (normaliseValue('email', value) && 'email') ??
    (normaliseValue('domain', value) && 'domain');
  if (!type)
    throw new UsageError(
      `${value} is no address, domain, URL, hash or mail address.`,
      'Name its type: soar ioc lookup TYPE VALUE',
    );
  return { type, value };
}

function show(out: Output, answer: IocAnswer): void {
  const { bold, dim, red, yellow } = out.colours;
  const name = bold(`${answer.type}:${clean(answer.value)}`);
  if (answer.found)
    out.line(
      `${name}  ${answer.confidence > 0 ? red(`known, confidence ${answer.confidence}`) : yellow('known, but expired')}`,
    );
  else out.line(`${name}  ${dim('not known')}`);
  for (const match of answer.matches) {
    const how = match.match === 'exact' ? '' : ` (${match.match.replaceAll('_', ' ')} ${clean(match.value)})`;
    out.line(
      `  confidence ${match.confidence} of once ${match.base_confidence}, last seen ${shortTime(match.last_seen)} UTC${how}`,
    );
    const sources = match.sources.map((sighting) => [
      clean(sighting.source),
      `${sighting.confidence}`,
      [
        `${shortTime(sighting.first_seen)} to ${shortTime(sighting.last_seen)}`,
        ...sighting.tags,
        sighting.reference ?? '',
      ]
        .filter(Boolean)
        .map(clean)
        .join(' · '),
    ]);
    for (const line of renderList(sources, { width: out.width, indent: 4, paints: [(text) => text, dim] }))
      out.line(line);
  }
  for (const { list, version, reason } of answer.warning_lists) {
    out.line(yellow(`  ${clean(reason)} (list ${list}, version ${version})`));
  }
  if (answer.incidents.length > 0) out.line(`  in incidents ${answer.incidents.join(', ')}`);
}
