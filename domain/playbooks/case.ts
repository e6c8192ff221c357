import type { Alert } from '../alert';
import { normaliseHostname } from '../hostnames';
import { accountName } from '../normalise';
import { staysInside, type Observable, type ObservableRole, type ObservableType } from '../observable';
import type { CaseFacts, OwnSignal } from '../playbook';
import type { Reliability } from '../signal';

/** What an alert says is taken for nearly certain; what it means is in the points. */
const ALERT_RELIABILITY: Reliability = 'B';

export interface Wanted {
  types: readonly ObservableType[];
  roles: readonly ObservableRole[];
}

/** Observables in the order in which they are wanted, each once; within one wish those that mean something outside first. */
export function pick({ observables }: CaseFacts, ...wishes: Wanted[]): Observable[] {
  const wanted = wishes.flatMap(({ types, roles }) => {
    const fitting = types.flatMap((type) =>
      observables.filter((one) => one.type === type && one.roles.some((role) => roles.includes(role))),
    );
    return [...fitting.filter((one) => !staysInside(one)), ...fitting.filter(staysInside)];
  });
  return [...new Set(wanted)];
}

/**
 * What to look up: what is wanted and, when none of that is outside (an inside address may be a proxy's), what the
 * alert's text mentions of the same types.
 */
export function lookups(facts: CaseFacts, ...wishes: Wanted[]): Observable[] {
  const wanted = pick(facts, ...wishes);
  if (wanted.some((one) => !staysInside(one))) return wanted;
  const types = [...new Set(wishes.flatMap((wish) => wish.types))];
  const mentioned = pick(facts, { types, roles: ['mentioned'] }).filter((one) => !staysInside(one));
  return [...wanted, ...mentioned];
}

export function signal(name: string, points: number, sentence: string, about?: OwnSignal['observable']): OwnSignal {
  return {
    name,
    points,
    reliability: ALERT_RELIABILITY,
    sentence,
    ...(about === undefined ? {} : { observable: about }),
  };
}

export function anyAlert({ alerts }: CaseFacts, holds: (alert: Alert) => boolean): boolean {
  return alerts.some(holds);
}

/** True when one of the alerts says that something ran. */
export function executed(facts: CaseFacts): boolean {
  return anyAlert(facts, (alert) => alert.executed === true);
}

export function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}

/** The different values of a field over all alerts, in order of appearance. */
export function valuesOf({ alerts }: CaseFacts, ...keys: (keyof Alert)[]): string[] {
  const values = alerts.flatMap((alert) => keys.map((key) => alert[key]));
  return unique(values.filter((value) => typeof value === 'string'));
}

/** `a, b and 3 more`, or what to say when there is none. */
export function named(values: readonly string[], otherwise: string): string {
  const shown = values.slice(0, 3).join(', ');
  if (shown === '') return otherwise;
  return values.length > 3 ? `${shown} and ${values.length - 3} more` : shown;
}

/** The alerted hosts, by name where there is one. */
export function hostsOf(facts: CaseFacts): string[] {
  const names = valuesOf(facts, 'hostname');
  return names.length > 0 ? names : valuesOf(facts, 'host_ip');
}

export function usersOf(facts: CaseFacts): string[] {
  return valuesOf(facts, 'username', 'dest_username');
}

/** The accounts among those named that can do damage. */
export function privilegedUsers(facts: CaseFacts): string[] {
  const privileged = facts.site.privileged_accounts.map((account) => account.toLowerCase());
  return usersOf(facts).filter(
    (user) => privileged.includes(user.toLowerCase()) || privileged.includes(accountName(user)),
  );
}

/** `DC01`, `dc01.corp.example` and `dc01.corp.example.` are one host when either side gives no domain. */
export function sameHost(a: string, b: string): boolean {
  const [left, right] = [a, b].map((name) => normaliseHostname(name) ?? name.trim().toLowerCase());
  if (left === undefined || right === undefined) return false;
  if (left === right) return true;
  const short = (name: string) => name.split('.')[0];
  return (!left.includes('.') || !right.includes('.')) && short(left) === short(right);
}

/** The critical hosts of the site among those the alerts name. */
export function criticalHosts(facts: CaseFacts): string[] {
  const hosts = valuesOf(facts, 'hostname', 'dest_hostname', 'host_ip', 'dest_ip');
  return hosts.filter((host) => facts.site.critical_hosts.some((critical) => sameHost(critical, host)));
}

/** Bytes in the unit a person would use. */
export function bytes(count: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, count)) / 3)));
  return `${Math.round((count / 1000 ** power) * 10) / 10} ${units[power] ?? 'bytes'}`;
}

/** True when an alert names a file of which nobody has said what it holds. */
function isFileUnseen({ file_name, file_hash, file_hashes = [] }: Alert): boolean {
  return file_name !== undefined && file_hash === undefined && file_hashes.length === 0;
}

/** The files of which nobody has said what they hold, by name. */
export function unseenFiles({ alerts }: CaseFacts): string[] {
  return unique(alerts.filter(isFileUnseen).flatMap(({ file_name }) => file_name ?? []));
}
