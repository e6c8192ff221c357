import type { IocType } from '../indicator';
import type { ObjectPath } from './grammar';

/** What a path names when it names something that can be looked up. */
export interface Subject {
  /** Undefined: what the value looks like, an address or a host name. */
  type: IocType | undefined;
  /** What the value is one property of: `file`, `process:image_ref`. */
  object: string;
  hash: boolean;
  /** True for a property that only tells more of the same thing, so that the value alone is still an indicator. */
  isContext(path: ObjectPath): boolean;
}

const VALUES: Readonly<Record<string, IocType>> = {
  'ipv4-addr:value': 'ip',
  'ipv6-addr:value': 'ip',
  'domain-name:value': 'domain',
  // of OpenCTI
  'hostname:value': 'domain',
  'x-opencti-hostname:value': 'domain',
  'url:value': 'url',
  'email-addr:value': 'email',
};

const HASHES: Readonly<Record<string, IocType>> = { md5: 'md5', sha1: 'sha1', sha256: 'sha256' };

/** Whose hashes are those of a file; a certificate's are fingerprints. */
const FILES = ['file', 'artifact'];

/** Ends of a connection, and who a mail comes from. */
const ENDS = ['network-traffic:dst_ref.value', 'network-traffic:src_ref.value'];
const SENDERS = ['email-message:from_ref.value', 'email-message:sender_ref.value'];
/** What says of a connection only how it is made. */
const OF_CONNECTION = /^network-traffic:(?:(?:src|dst)_ref\.type|(?:src|dst)_port|protocols)$/;

export function pathText({ object, steps }: ObjectPath): string {
  return `${object}:${steps.join('.')}`;
}

function hashSubject(path: ObjectPath): Subject | undefined {
  const owner = path.steps.slice(0, -2);
  const isFile = owner.length === 0 ? FILES.includes(path.object) : owner.every((step) => /_refs?$/.test(step));
  const name = path.steps.at(-1)?.toLowerCase().replaceAll('-', '') ?? '';
  if (path.steps.at(-2) !== 'hashes' || !isFile || !Object.hasOwn(HASHES, name)) return undefined;
  const object = owner.length === 0 ? path.object : pathText({ object: path.object, steps: owner });
  const within = object.includes(':') ? `${object}.` : `${object}:`;
  return { type: HASHES[name], object, hash: true, isContext: (other) => pathText(other).startsWith(within) };
}

/** What a path names; undefined when nothing can be looked up by it. */
export function subjectOf(path: ObjectPath): Subject | undefined {
  const text = pathText(path);
  const plain = { object: path.object, hash: false };
  if (Object.hasOwn(VALUES, text)) {
    const isContext = (other: ObjectPath): boolean => other.object === path.object && pathText(other) !== text;
    return { ...plain, type: VALUES[text], isContext };
  }
  if (ENDS.includes(text)) {
    return { ...plain, type: undefined, isContext: (other) => OF_CONNECTION.test(pathText(other)) };
  }
  if (SENDERS.includes(text)) return { ...plain, type: 'email', isContext: () => false };
  return hashSubject(path);
}
