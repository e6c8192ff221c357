import type { Document, Fields } from '../document';
import { isObject } from '../../is-object';
import { valuesAt, type Found } from '../paths';
import { candidates, turned, type Reading } from '../readings';

/** An object of a document, and where it stands. */
interface Place {
  fields: Fields;
  pointer: string;
}

/** The two parts of a Windows event, wherever its carrier put them. */
interface WindowsEvent {
  /** Who wrote it, when, which kind: event id, channel, provider, computer. */
  system: Place;
  /** The event's own values, such as TargetUserName and Image. */
  data: readonly Place[];
  /** Wazuh doubles backslashes and escapes quotes. */
  escaped: boolean;
}

interface Carrier {
  system: string;
  data: readonly string[];
  escaped?: boolean;
  /** What must stand beside the event id where the carrier has no part of its own for `system`. */
  flat?: boolean;
}

/** How the collectors nest events; the last lays all values side by side. */
const CARRIERS: readonly Carrier[] = [
  { system: 'data.win.system', data: ['data.win.eventdata', 'data.win'], escaped: true },
  { system: 'win.system', data: ['win.eventdata', 'win'], escaped: true },
  { system: 'data.Event.System', data: ['data.Event.EventData'] },
  { system: 'Event.System', data: ['Event.EventData', 'Event.UserData'] },
  { system: 'document.data.Event.System', data: ['document.data.Event.EventData', 'document.data.Event.UserData'] },
  { system: 'winlog', data: ['winlog.event_data', 'winlog.user_data'] },
  { system: 'System', data: ['EventData', 'UserData'] },
  {
    system: '',
    data: ['AllFieldInfo', 'ExtraEventData', 'EventData', 'event_data', 'Details', 'ExtraFieldInfo', ''],
    flat: true,
  },
];

const EVENT_ID = ['EventID', 'EventID.#text', 'EventID.Value', 'event_id', 'EventCode'];
const CHANNEL = ['Channel', 'LogName', 'log_name'];
const PROVIDER = [
  'ProviderName',
  'provider_name',
  'Provider_Name',
  'Provider.#attributes.Name',
  'Provider.@Name',
].concat(['Provider.Name', 'SourceName', 'Provider']);
const COMPUTER = ['Computer', 'computer_name', 'ComputerName', 'Hostname'];
const TIME = ['systemTime', 'TimeCreated.#attributes.SystemTime', 'TimeCreated.@SystemTime'].concat([
  'TimeCreated.SystemTime',
  'TimeCreated',
  'EventTime',
  'UtcTime',
  '@timestamp',
  'TimeGenerated',
]);

/** `Cmdline: … ¦ Proc: …`, as Hayabusa writes what it says of an event. */
function readPairs(text: string): Fields {
  const pairs = text
    .slice(0, 20_000)
    .split(' ¦ ')
    .map((pair) => /^([A-Za-z][\w ]{0,40}): ?(.*)$/s.exec(pair));
  return Object.fromEntries(pairs.flatMap((pair) => (pair ? [[pair[1] ?? '', pair[2] ?? '']] : [])));
}

function placesAt(fields: Fields, path: string): Place[] {
  if (path === '') return [{ fields, pointer: '' }];
  return valuesAt(fields, path).flatMap(({ value, pointer }) => {
    if (isObject(value)) return [{ fields: value, pointer }];
    return typeof value === 'string' && path === 'Details' ? [{ fields: readPairs(value), pointer }] : [];
  });
}

/** UserData, and what Wazuh has beside `eventdata`, hold the values one level deeper, under the event's own name. */
function deeper({ fields, pointer }: Place): Place[] {
  return Object.entries(fields).flatMap(([key, value]) =>
    isObject(value) && !/^(?:system|eventdata)$/i.test(key) ? [{ fields: value, pointer: `${pointer}/${key}` }] : [],
  );
}

const first = (fields: Fields, paths: readonly string[]): Found | undefined =>
  paths.flatMap((path) => valuesAt(fields, path)).find(({ value }) => ['string', 'number'].includes(typeof value));

function carried(fields: Fields, { system, data, escaped = false, flat = false }: Carrier): WindowsEvent | undefined {
  const place = placesAt(fields, system)[0];
  if (!place || !first(place.fields, EVENT_ID)) return undefined;
  const said = first(place.fields, CHANNEL) ?? first(place.fields, PROVIDER);
  if (flat && (!said || !first(place.fields, COMPUTER))) return undefined;
  const places = data.flatMap((path) => placesAt(fields, path));
  return { system: place, data: flat ? places : places.flatMap((each) => [each, ...deeper(each)]), escaped };
}

const known = new WeakMap<Fields, WindowsEvent | null>();

function eventOf(fields: Fields): WindowsEvent | undefined {
  let event = known.get(fields);
  if (event === undefined) {
    event = CARRIERS.map((carrier) => carried(fields, carrier)).find((found) => found !== undefined) ?? null;
    known.set(fields, event);
  }
  return event ?? undefined;
}

/** True for a document that is, or holds, an event of the Windows event log. */
export const isWindowsEvent = (fields: Fields): boolean => eventOf(fields) !== undefined;

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** The text as the event had it. */
function unescaped(value: unknown, escaped: boolean): unknown {
  if (typeof value !== 'string') return value;
  const plain = value.replace(/&(lt|gt|amp|quot|apos);/g, (_all, name: string) => ENTITIES[name] ?? '');
  return escaped ? plain.replace(/\\([\\"])/g, '$1') : plain;
}

function system(paths: readonly string[]): Reading {
  return ({ fields }) => {
    const event = eventOf(fields);
    if (!event) return [];
    return paths.flatMap((path) =>
      valuesAt(event.system.fields, path).map(({ value, pointer }) => ({
        value: unescaped(value, event.escaped),
        pointer: event.system.pointer + pointer,
      })),
    );
  };
}

const ITEM_NAMES = ['Name', '@Name', '_Name', '#attributes.Name', '$.Name', 'attributes.Name'];
const ITEM_VALUES = ['#text', '_', 'text', 'content', 'Value', '$t', '_text'];

/** `<Data Name="…">…</Data>` as converters from XML leave it: a list of names and values. */
function inItems({ fields, pointer }: Place, name: string): Found[] {
  const items = fields.Data;
  if (!Array.isArray(items)) return [];
  return items.slice(0, 200).flatMap((item: unknown, nth) => {
    if (!isObject(item) || String(first(item, ITEM_NAMES)?.value).toLowerCase() !== name.toLowerCase()) return [];
    const found = first(item, ITEM_VALUES);
    return found ? [{ value: found.value, pointer: `${pointer}/Data/${nth}${found.pointer}` }] : [];
  });
}

/** A value of the event itself, by its documented name; of several names the first that has one. */
export function named(...names: string[]): Reading {
  return ({ fields }) => {
    const event = eventOf(fields);
    if (!event) return [];
    return names.flatMap((name) =>
      event.data.flatMap((place) =>
        [
          ...valuesAt(place.fields, name).map(({ value, pointer }) => ({ value, pointer: place.pointer + pointer })),
          ...inItems(place, name),
        ].map(({ value, pointer }) => ({ value: unescaped(value, event.escaped), pointer })),
      ),
    );
  };
}

const isText = (value: unknown): value is string => typeof value === 'string' && !/^(?:-|n\/a)?$/i.test(value.trim());

/** The first text that a reading gives; empty when there is none. */
export function textOf(reading: Reading, document: Document): string {
  for (const { value } of candidates(reading, document)) {
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    if (isText(value)) return value.slice(0, 20_000);
  }
  return '';
}

export const COMPUTER_NAME = system(COMPUTER);
export const EVENT_TIME = system(TIME);
/** The text that Windows writes of an event begins with what happened. */
export const MESSAGE_START: Reading = turned(
  (document) => [
    ...candidates(system(['message', 'MessageTitle']), document),
    ...('winlog' in document.fields ? valuesAt(document.fields, 'message') : []),
  ],
  (value) =>
    typeof value === 'string'
      ? /^[^\r\n]{3,400}/.exec(value.replace(/^[\s"]+/, ''))?.[0].replace(/[":.\s]+$/, '')
      : undefined,
);

/** Channels by the names that analysts use for them; Hayabusa shortens them. */
const LOGS: readonly (readonly [RegExp, string])[] = [
  [/sysmon/i, 'sysmon'],
  [/powershell|^pwsh/i, 'powershell'],
  [/defender$|windows defender/i, 'defender'],
  [/^sec(?:urity)?$|security-auditing|eventlog/i, 'security'],
  [/^sys(?:tem)?$|service control manager/i, 'system'],
];

/** The kind of an event: its log and its id, such as `security/4625` or `printservice/admin/808`. */
export function kindOf(document: Document): string {
  const id = textOf(system(EVENT_ID), document);
  const channel = textOf(system(CHANNEL), document);
  const from = channel === '' ? textOf(system(PROVIDER), document) : channel;
  const log = LOGS.find(([pattern]) => pattern.test(from))?.[1];
  return `${log ?? from.toLowerCase().replace(/^microsoft-windows-|\/operational$/g, '')}/${id}`;
}
