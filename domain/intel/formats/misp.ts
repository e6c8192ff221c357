import { isObject } from '../../is-object';
import type { Finding, ReadOptions } from '../format';
import { jsonFormat, type JsonRecord } from '../json-format';
import { readMispAttribute } from '../misp-attribute';
import { listOf, textOf } from '../told';

/**
 * Events of MISP, as files of a feed, answers of its API, or bare; and answers that hold only attributes. What is deleted
 * is skipped; what is only context (`to_ids` false) is kept, but does not count.
 */
export const misp = jsonFormat({
  name: 'misp',
  title: 'MISP events',
  arrays: ['response', 'response.Attribute'],
  fits: (record) => isEvent(eventOf(record)) || isAnswer(record) || isAttribute(record),
  open: ({ now }: ReadOptions) => ({
    read(record, line) {
      if (isAttribute(record)) return readAttributes([record], NOTHING_AROUND, line, now);
      const { response } = record;
      if (isObject(response)) return readAttributes(itemsOf(response['Attribute']), NOTHING_AROUND, line, now);
      return readEvent(eventOf(record), line, now);
    },
  }),
});

/** What holds of all attributes within. */
interface Around {
  tags: readonly string[];
  uuid: string | undefined;
}

const NOTHING_AROUND: Around = { tags: [], uuid: undefined };

function eventOf(record: JsonRecord): JsonRecord {
  return isObject(record['Event']) && !isAttribute(record) ? record['Event'] : record;
}

function isEvent({ uuid, info, Attribute, Object: objects }: JsonRecord): boolean {
  return (Attribute !== undefined || objects !== undefined) && (typeof uuid === 'string' || typeof info === 'string');
}

function isAnswer({ response }: JsonRecord): boolean {
  return isObject(response) && response['Attribute'] !== undefined;
}

function isAttribute({ type, value, category }: JsonRecord): boolean {
  return typeof type === 'string' && typeof value === 'string' && typeof category === 'string';
}

/** Answers that were taken apart may hold an object where a list is meant. */
function itemsOf(value: unknown): JsonRecord[] {
  return (isObject(value) ? [value] : listOf(value)).filter(isObject);
}

function tagsOf({ Tag }: JsonRecord): string[] {
  return itemsOf(Tag)
    .map(({ name }) => textOf(name))
    .filter((name) => name !== undefined);
}

function isSet(value: unknown): boolean {
  return value === true || value === 1 || value === '1' || value === 'true';
}

function around(event: JsonRecord): Around {
  return { tags: tagsOf(event), uuid: textOf(event['uuid']) };
}

/** An attribute by itself may name the event it is of. */
function outside({ Event: event }: JsonRecord): Around {
  return isObject(event) ? around(event) : NOTHING_AROUND;
}

function readEvent(event: JsonRecord, line: number, now: string): Finding[] {
  const objects = itemsOf(event['Object']).filter(({ deleted }) => !isSet(deleted));
  const attributes = [...itemsOf(event['Attribute']), ...objects.flatMap((object) => itemsOf(object['Attribute']))];
  return readAttributes(attributes, around(event), line, now);
}

function readAttributes(attributes: readonly JsonRecord[], about: Around, line: number, now: string): Finding[] {
  return attributes.flatMap((attribute) => {
    const type = textOf(attribute['type']);
    const value = textOf(attribute['value']);
    if (type === undefined || value === undefined || isSet(attribute['deleted'])) return [];
    const { uuid, tags } = about.uuid === undefined ? outside(attribute) : about;
    return readMispAttribute(
      {
        type,
        value,
        category: textOf(attribute['category']) ?? '',
        toIds: isSet(attribute['to_ids']),
        first_seen: attribute['first_seen'] ?? attribute['timestamp'],
        last_seen: attribute['last_seen'] ?? attribute['timestamp'],
        tags: [...tags, ...tagsOf(attribute)],
        reference: uuid === undefined ? undefined : `MISP event ${uuid}`,
      },
      line,
      now,
    );
  });
}
