import { isObject } from '../is-object';
import type { Fields } from './document';

/** What one wrapping holds. */
interface Unwrapped {
  /** The documents inside: objects, or text. */
  inside: readonly unknown[];
}

const LISTS = [
  'records',
  'Records',
  'value',
  'events',
  'alerts',
  'findings',
  'Findings',
  'resources',
  'data',
  'results',
  'items',
  'entries',
  'logEvents',
  'authlogs',
];

function parsed(text: unknown): unknown {
  if (typeof text !== 'string' || !/^\s*[{[]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function decoded(text: unknown): string | undefined {
  if (typeof text !== 'string' || !/^[A-Za-z0-9+/=_-]{8,}$/.test(text)) return undefined;
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
    return new TextDecoder().decode(bytes);
  } catch {
    return undefined;
  }
}

const asList = (value: unknown): Unwrapped | undefined =>
  Array.isArray(value) && value.length > 0 && value.every(isObject) ? { inside: value } : undefined;

const asLines = (value: unknown): Unwrapped | undefined =>
  Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string')
    ? { inside: value }
    : undefined;

const asOne = (value: unknown): Unwrapped | undefined =>
  isObject(value) ? { inside: [value] } : Array.isArray(value) ? asList(value) : undefined;

/** Ways in which carriers put a document of somebody else's into one of their own. */
const WRAPPINGS: readonly ((fields: Fields) => Unwrapped | undefined)[] = [
  // Amazon SNS: the message is text, mostly JSON
  ({ Type, Message, TopicArn }) => {
    if (typeof Message !== 'string' || (Type !== 'Notification' && TopicArn === undefined)) return undefined;
    return asOne(parsed(Message)) ?? { inside: [Message] };
  },
  // Amazon EventBridge
  ({ 'detail-type': type, detail }) => (type === undefined ? undefined : asOne(detail)),
  // an Elasticsearch hit, or its search
  ({ _source }) => asOne(_source),
  ({ hits }) => (isObject(hits) ? asList(hits.hits) : undefined),
  // Google Cloud Pub/Sub by push: the message is Base64
  ({ message, subscription }) =>
    isObject(message) && subscription !== undefined ? asOne(parsed(decoded(message.data))) : undefined,
  // Wazuh's active response
  ({ parameters }) => (isObject(parameters) ? asOne(parameters.alert) : undefined),
  // Wazuh's integration with Shuffle
  ({ all_fields }) => asOne(all_fields),
  // a list under a usual name, and little beside it
  (fields) => LISTS.map((name) => asList(fields[name])).find((list) => list !== undefined),
  // lines in a list, as GravityZone posts its CEF
  ({ events }) => asLines(events),
  // log shippers: the event as text beside what they add
  ({ message }) => asOne(parsed(message)),
  ({ event }) => (isObject(event) ? (asOne(parsed(event.original)) ?? asOne(event)) : asOne(parsed(event))),
  ({ _raw }) => asOne(parsed(_raw)),
  ({ Message }) => asOne(parsed(Message)),
  ({ log }) => asOne(parsed(log)),
  ({ body }) => asOne(body) ?? asOne(parsed(body)),
  ({ response }) => asOne(response),
  // OData
  ({ d }) => asOne(d),
  ({ payload }) => asOne(payload) ?? asOne(parsed(payload)),
  ({ data }) => asOne(data) ?? asOne(parsed(data)),
  ({ alert }) => asOne(alert),
  ({ result }) => asOne(result),
  // log shippers of lines
  ({ message, event }) => {
    const line = isObject(event) && typeof event.original === 'string' ? event.original : message;
    return typeof line === 'string' && line.trim() !== '' ? { inside: [line] } : undefined;
  },
];

/** What a document may hold of another: each way to read it, the most usual first. */
export function* unwrapped(fields: Fields): Generator<readonly unknown[]> {
  for (const open of WRAPPINGS) {
    const found = open(fields);
    if (found) yield found.inside;
  }
}
