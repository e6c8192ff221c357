import { normaliseLink } from '../normalise';
import { observablesInText } from '../text-observables';

/** What in a query may name where it leads on to: another host in whatever spelling, or what nobody can read. */
const NAMES_A_PLACE = /[.:%/\\=]|^.{20,}$/;
/** A number that is given to things: it names none. */
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** What a host or a link looks like once it is decoded. */
const DECODED_PLACE = /^[ -~]*[a-z0-9]\.[a-z]{2,}[ -~]*$/i;
const ENCODED = /^[a-z0-9+/_-]{6,4096}={0,2}$/i;

/**
 * True for a link that may lead on to another host than its own: `/redirect?to=…`, `/out/evil.example/x`, `/r;to=…`, and
 * the same in percent-encoding or Base64.
 */
export function leadsOn(url: string): boolean {
  const [path = '', ...query] = url.replace(/^[a-z]+:\/\/[^/?]*/, '').split('?');
  if (/\/\/|%2f|%5c|\\/i.test(path)) return true;
  const [steps = [], pairs = []] = [path.split(/[/;,]/), query.join('?').split('&')];
  return steps.some(stepLeadsOn) || pairs.some(pairLeadsOn);
}

/** A step of a path; what follows a semicolon is a pair, as in a query. A file name is no host. */
function stepLeadsOn(step: string): boolean {
  if (step.includes('=')) return pairLeadsOn(step);
  const text = percentDecoded(step);
  return isEncodedPlace(text) || observablesInText(text).some(({ type }) => type !== 'user' && type !== 'host');
}

function pairLeadsOn(pair: string): boolean {
  const at = pair.indexOf('=');
  const parts = at < 0 ? [pair] : [pair.slice(0, at), pair.slice(at + 1)];
  return parts.some((part) => !GUID.test(part) && (NAMES_A_PLACE.test(part) || isEncodedPlace(part)));
}

function isEncodedPlace(text: string): boolean {
  if (!ENCODED.test(text)) return false;
  const decoded = Buffer.from(text, 'base64').toString('latin1');
  return DECODED_PLACE.test(decoded) || (decoded.includes('://') && normaliseLink(decoded) !== undefined);
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
