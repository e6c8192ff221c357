import { normaliseIp } from './network';
import { refang } from './refang';

/** Where a connection begins or ends: an address or a host name, as it was written, and the port glued to it. */
export interface Endpoint {
  host: string;
  port: number | undefined;
}

/** A host name of full length, with brackets, a port and a prefix. */
const LONGEST = 320;
export const HIGHEST_PORT = 65_535;

/**
 * `1.2.3.4:443`, `1.2.3.4#53` (BIND), `[2001:db8::1]:443`, `[ipv4:1.2.3.4:443]` (Exchange), `evil.com:8080`. Colons without
 * brackets belong to IPv6, not to a port. Undefined when the number cannot be a port.
 */
export function splitEndpoint(text: string): Endpoint | undefined {
  const bare = text.trim();
  if (bare.length > LONGEST) return { host: bare, port: undefined };
  const [whole = bare] = /^\[ipv[46]:[^[\]]{2,80}\]$/i.test(bare) ? [bare.slice(1, -1)] : [];
  const written = whole.replace(/^ipv[46]:/i, '');
  const [, before, sign, digits] = /^(.{1,310})([:#])(\d{1,5})$/s.exec(written) ?? [];
  if (before === undefined || (sign === ':' && before.includes(':') && !before.endsWith(']'))) {
    return { host: unbracketed(written), port: undefined };
  }
  const port = Number(digits);
  return port > HIGHEST_PORT ? undefined : { host: unbracketed(before), port };
}

function unbracketed(host: string): string {
  return /^\[[^[\]]*\]$/.test(host) ? host.slice(1, -1) : host;
}

/** The one spelling of the address that an address field holds, also one with a port, a zone or brackets, or defanged. */
export function addressOf(text: string): string | undefined {
  const host = splitEndpoint(refang(text))?.host;
  return host === undefined ? undefined : normaliseIp(host);
}
