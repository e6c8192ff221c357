import { isObject } from '../../is-object';
import type { Finding, IocType } from '../indicator';
import { jsonFormat, type JsonRecord } from '../json-format';
import { confidenceOf, found, listOf, problem, textOf, told } from '../told';

/** Below, Recorded Future calls a thing unusual at most: criticality 0 and 1. */
const SUSPICIOUS = { score: 25, criticality: 2 };

const TYPES: Readonly<Record<string, IocType | 'hash'>> = {
  IpAddress: 'ip',
  InternetDomainName: 'domain',
  URL: 'url',
  EmailAddress: 'email',
  Hash: 'hash',
};

/** Entities of Recorded Future with their risk. It knows as much of what is harmless: only what it suspects is read. */
export const recordedFuture = jsonFormat({
  name: 'recorded-future',
  title: 'Recorded Future entities',
  arrays: ['data.results', 'results', 'data'],
  fits: ({ entity, risk }) => isObject(entity) && isObject(risk),
  open: ({ now }) => ({ read: (record, line) => [readEntity(record, line, now)] }),
});

function readEntity(record: JsonRecord, line: number, now: string): Finding {
  const { entity, risk, timestamps, intelCard } = record;
  const { name, type: word } = isObject(entity) ? entity : {};
  const text = textOf(name) ?? '';
  const type = typeof word === 'string' && Object.hasOwn(TYPES, word) ? TYPES[word] : undefined;
  if (type === undefined) return problem(line, 'unsupported', text, 'Is of a type that cannot be looked up');
  const { score, criticality, criticalityLabel, evidenceDetails } = isObject(risk) ? risk : {};
  const confidence = confidenceOf(score);
  if (
    (confidenceOf(criticality ?? SUSPICIOUS.criticality) ?? 0) < SUSPICIOUS.criticality ||
    (confidence ?? 0) < SUSPICIOUS.score
  ) {
    const label = textOf(criticalityLabel) ?? 'None';
    return problem(line, 'unsupported', text, `Is not suspected: its risk is ${confidence ?? 'not told'} (${label})`);
  }
  const { firstSeen, lastSeen } = isObject(timestamps) ? timestamps : {};
  const rules = listOf(evidenceDetails).map((detail) => isObject(detail) && textOf(detail['rule']));
  const about = told(
    {
      confidence,
      first_seen: firstSeen,
      last_seen: lastSeen,
      reference: intelCard,
      tags: rules.filter((rule): rule is string => typeof rule === 'string').slice(0, 10),
    },
    now,
  );
  return found(line, type === 'hash' ? undefined : type, text, about);
}
