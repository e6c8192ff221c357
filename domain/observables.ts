import type { Alert } from './alert';
import { EMPTY_FILE_HASHES } from './hashes';
import { hostFlags, isPublicDomain, normaliseHostname } from './hostnames';
import { addressOf, splitEndpoint } from './endpoint';
import { ipFlags, normaliseCidr, normaliseIp } from './network';
import { normaliseEmail, normaliseHash, normaliseLink, normaliseValue, splitAddresses } from './normalise';
import {
  OBSERVABLE_FLAGS,
  OBSERVABLE_ROLES,
  observableId,
  type Observable,
  type ObservableFlag,
  type ObservableRole,
  type ObservableType,
} from './observable';
import { refang } from './refang';
import type { SiteKnowledge } from './site';
import { observablesInText, SEARCHED_CHARACTERS } from './text-observables';

/** An alert that names more is a report; the first ones, fields before text, are looked at. */
export const MOST_OBSERVABLES = 200;

interface Named {
  type: ObservableType;
  value: string;
  role: ObservableRole;
}

function fromIp(text: string | undefined, role: ObservableRole): Named[] {
  const value = text === undefined ? undefined : addressOf(text);
  return value === undefined ? [] : [{ type: 'ip', value, role }];
}

/** Without a port that is glued to it. */
function hostIn(text: string): string {
  return splitEndpoint(refang(text))?.host ?? text;
}

/** A domain field holds a name, sometimes an address, sometimes a link. */
function fromDomain(text: string | undefined, role: ObservableRole): Named[] {
  if (text === undefined) return [];
  const value = normaliseValue('domain', hostIn(text));
  if (value !== undefined) return [{ type: 'domain', value, role }];
  const address = fromIp(text, role);
  return address.length > 0 || !text.includes('/') ? address : fromUrl(text, role);
}

/** A host is known by its name inside, and by its domain outside when it has a public one. */
function fromHost(text: string | undefined, role: ObservableRole, site: SiteKnowledge): Named[] {
  if (text === undefined) return [];
  const address = fromIp(text, role);
  if (address.length > 0) return address;
  const value = normaliseValue('host', hostIn(text));
  if (value === undefined) return [];
  const name = normaliseHostname(value);
  const outside = name !== undefined && isPublicDomain(name) && hostFlags(name, site).length === 0;
  const host: Named = { type: 'host', value: name ?? value, role };
  return outside && role !== 'alerted_host' ? [host, { type: 'domain', value: name, role }] : [host];
}

function fromUser(text: string | undefined, role: ObservableRole): Named[] {
  const value = text === undefined ? undefined : normaliseValue('user', text);
  return value === undefined ? [] : [{ type: 'user', value, role }];
}

/** A range is no link, and not one address to ask about, unless it has only one. */
function fromUrl(text: string, role: ObservableRole = 'link'): Named[] {
  const range = normaliseCidr(refang(text));
  if (range !== undefined) return fromIp(range, role);
  const link = normaliseLink(text);
  if (!link) return [];
  const host: Named = { type: normaliseIp(link.host) === undefined ? 'domain' : 'ip', value: link.host, role };
  return link.url === undefined ? [host] : [{ type: 'url', value: link.url, role }, host];
}

/** The files of an alert about a mail came with the mail. */
function fromHashes({ file_hash = '', file_hashes = [], ...alert }: Alert): Named[] {
  const isMail = [alert.email_from, alert.reply_to, alert.email_subject].some((field) => field !== undefined);
  const roles: ObservableRole[] = isMail ? ['file', 'attachment'] : ['file'];
  return [file_hash, ...file_hashes].flatMap((text) => {
    const hash = normaliseHash(text);
    return hash ? roles.map((role) => ({ ...hash, role })) : [];
  });
}

/** The domain of a sender is looked up by itself; whom a mail went to says nothing of the sender. */
function fromEmail(text = '', role: 'sender' | 'reply_to' | 'recipient'): Named[] {
  // a mail has one sender, whatever his shown name holds
  const whole = role === 'recipient' ? undefined : normaliseEmail(text);
  const values = whole === undefined ? splitAddresses(text).map(normaliseEmail) : [whole];
  return values.flatMap((value): Named[] => {
    if (value === undefined) return [];
    const domain: Named = { type: 'domain', value: value.slice(value.lastIndexOf('@') + 1), role };
    return role === 'recipient' ? [{ type: 'email', value, role }] : [{ type: 'email', value, role }, domain];
  });
}

function fromFields(alert: Alert, site: SiteKnowledge): Named[] {
  return [
    ...fromIp(alert.src_ip, 'source'),
    ...fromIp(alert.dest_ip, 'destination'),
    ...fromIp(alert.host_ip, 'alerted_host'),
    ...fromHashes(alert),
    ...[alert.url ?? '', ...(alert.urls ?? [])].flatMap((url) => fromUrl(url)),
    ...fromDomain(alert.domain, 'destination'),
    ...fromEmail(alert.email_from, 'sender'),
    ...fromEmail(alert.reply_to, 'reply_to'),
    ...fromHost(alert.hostname, 'alerted_host', site),
    ...fromHost(alert.src_hostname, 'source', site),
    ...fromHost(alert.dest_hostname, 'destination', site),
    ...fromUser(alert.username, 'user'),
    ...fromUser(alert.dest_username, 'target_user'),
    ...(alert.email_to ?? []).flatMap((recipient) => fromEmail(recipient, 'recipient')),
  ];
}

function textsOf(alert: Alert): string[] {
  const texts = [alert.title, alert.email_subject, alert.command_line, alert.description, alert.raw_log];
  return texts.filter((text) => text !== undefined);
}

function fromText(alert: Alert): Named[] {
  return textsOf(alert).flatMap((text) =>
    observablesInText(text).map((found): Named => ({ ...found, role: 'mentioned' })),
  );
}

/** A link and a mail address are as internal as the host they name. */
function hostOf({ type, value }: Pick<Observable, 'type' | 'value'>): string {
  if (type === 'email') return value.slice(value.lastIndexOf('@') + 1);
  return type === 'url' ? (normaliseLink(value)?.host ?? '') : value;
}

/** Why an observable is special at this site. */
export function observableFlags(observable: Pick<Observable, 'type' | 'value'>, site: SiteKnowledge): ObservableFlag[] {
  if (observable.type === 'user') return [];
  if (['md5', 'sha1', 'sha256'].includes(observable.type)) {
    return EMPTY_FILE_HASHES.includes(observable.value) ? ['empty_file'] : [];
  }
  const host = hostOf(observable);
  const flags = normaliseIp(host) === undefined ? hostFlags(host, site) : ipFlags(host, site);
  return OBSERVABLE_FLAGS.filter((flag) => flags.includes(flag));
}

/**
 * Everything in an alert that can be looked up or searched for: normalised, each once with all its roles, fields before
 * text, at most {@link MOST_OBSERVABLES}. Never throws: what cannot be read as an observable is none.
 */
export function extractObservables(alert: Alert, site: SiteKnowledge): Observable[] {
  const byId = new Map<string, Observable>();
  for (const named of [...fromFields(alert, site), ...fromText(alert)]) {
    const id = observableId(named);
    const known = byId.get(id);
    if (known) {
      const roles = new Set([...known.roles, named.role]);
      // A role from a field says all that a mention says.
      known.roles = OBSERVABLE_ROLES.filter((role) => roles.has(role) && (role !== 'mentioned' || roles.size === 1));
    } else if (byId.size < MOST_OBSERVABLES) {
      const { type, value, role } = named;
      byId.set(id, { type, value, roles: [role], flags: observableFlags(named, site) });
    }
  }
  return [...byId.values()];
}

/**
 * Why something may have been left out of the observables of an incident, if so: there are as many as one alert may have,
 * or one has a text that was not searched to its end.
 */
export function extractionCut(alerts: readonly Alert[], observables: readonly Observable[]): string | undefined {
  const name = 'the alerts name more than can be looked at';
  if (observables.length >= MOST_OBSERVABLES) return `${name} (${MOST_OBSERVABLES} observables or more)`;
  const isLong = alerts.some((alert) => textsOf(alert).some((text) => text.length > SEARCHED_CHARACTERS));
  return isLong ? `${name} (a text is longer than ${SEARCHED_CHARACTERS / 1024 / 1024} MiB)` : undefined;
}
