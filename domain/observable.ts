export const OBSERVABLE_TYPES = ['ip', 'domain', 'url', 'md5', 'sha1', 'sha256', 'email', 'host', 'user'] as const;
export type ObservableType = (typeof OBSERVABLE_TYPES)[number];

export const FILE_TYPES: readonly ObservableType[] = ['sha256', 'sha1', 'md5'];

/** What an observable was in its alert; an attachment is a file as well. */
export const OBSERVABLE_ROLES = [
  'source',
  'destination',
  'alerted_host',
  'user',
  'target_user',
  'file',
  'attachment',
  'link',
  'sender',
  'reply_to',
  'recipient',
  'mentioned',
] as const;
export type ObservableRole = (typeof OBSERVABLE_ROLES)[number];

/**
 * Why an observable is special. `private` and `reserved` addresses, names that cannot be public (`internal_name`) and the
 * site's `own` ranges and domains are never sent to an outside provider.
 */
export const OBSERVABLE_FLAGS = ['private', 'reserved', 'own', 'internal_name', 'empty_file'] as const;
export type ObservableFlag = (typeof OBSERVABLE_FLAGS)[number];

export interface Observable {
  type: ObservableType;
  /** Normalised once at the edge: lower-case host names and hashes, compressed IPv6, punycode domains. */
  value: string;
  roles: ObservableRole[];
  flags: ObservableFlag[];
}

/** The name an observable goes by in the API, in action keys and in reports: `type:value`. */
export type ObservableId = `${ObservableType}:${string}`;

export function observableId(observable: Pick<Observable, 'type' | 'value'>): ObservableId {
  return `${observable.type}:${observable.value}`;
}

/** Splits `ip:2001:db8::1` at its first colon only. */
export function parseObservableId(id: string): { type: ObservableType; value: string } {
  const colon = id.indexOf(':');
  const type = OBSERVABLE_TYPES.find((known) => known === id.slice(0, colon));
  if (!type) throw new Error(`Not an observable: ${id}`);
  return { type, value: id.slice(colon + 1) };
}

/** What a source outside can be asked about at all; hosts and users are known to nobody there. */
export const ASKABLE_OUTSIDE: readonly ObservableType[] = ['ip', 'domain', 'url', 'md5', 'sha1', 'sha256'];

/** True when the observable says nothing to the outside world, or must not be told to it. */
export function staysInside(observable: Observable): boolean {
  return observable.flags.some((flag) => flag !== 'empty_file');
}
