import { normaliseHash } from '../domain/normalise';
import type { ObservableId } from '../domain/observable';
import type { CaseAnswers } from './case';
import type { ServiceDocument } from './case-schema';

/** What a service sends back. */
export interface ServiceReply {
  status: number;
  headers: Record<string, string>;
  /** Sent as JSON. */
  body: unknown;
}

/** When a service that refuses for now may be asked again, seconds. */
const RETRY_AFTER_S = 3600;

/**
 * The answer of VirusTotal v3, ip-api.com or AbuseIPDB v2 to a request, as the case has it. Pure.
 * @param target path and query of the request, without what stands before the service's own path
 */
export function serviceReply(answers: CaseAnswers, target: string): ServiceReply {
  const { pathname, searchParams } = new URL(target, 'http://localhost');
  const [first, second, kind = '', value = ''] = pathname.slice(1).split('/').map(decodeURIComponent);
  if (first === 'json' && second !== undefined) return geoIpReply(answers, `ip:${second}`);
  if (first === 'api' && second === 'v3') return virusTotalReply(answers, virusTotalSubject(kind, value));
  if (first === 'api' && second === 'v2') return abuseIpDbReply(answers, searchParams.get('ipAddress') ?? '');
  return reply(404, { error: 'there is no such service' });
}

function reply(status: number, body: unknown, headers: Record<string, string> = {}): ServiceReply {
  return { status, body, headers };
}

function unavailable(): ServiceReply {
  return reply(503, { error: 'the service is down' });
}

function virusTotalSubject(kind: string, value: string): ObservableId {
  if (kind === 'urls') return `url:${Buffer.from(value, 'base64url').toString('utf8')}`;
  if (kind === 'files') return `${normaliseHash(value)?.type ?? 'sha256'}:${value}`;
  return kind === 'domains' ? `domain:${value}` : `ip:${value}`;
}

function virusTotalError(status: number, code: string, message: string, headers = {}): ServiceReply {
  return reply(status, { error: { code, message } }, headers);
}

function virusTotalReply({ virustotal }: CaseAnswers, subject: ObservableId): ServiceReply {
  const said = virustotal === 'not_configured' ? 'failed' : (virustotal[subject] ?? 'not_known');
  if (said === 'not_known') return virusTotalError(404, 'NotFoundError', `"${subject}" not found`);
  if (said === 'failed') return unavailable();
  if (said !== 'waiting') return reply(200, said);
  return virusTotalError(429, 'QuotaExceededError', 'Quota exceeded', { 'retry-after': String(RETRY_AFTER_S) });
}

function geoIpReply({ geoip }: CaseAnswers, subject: ObservableId): ServiceReply {
  const said = geoip[subject] ?? 'failed';
  if (said === 'failed') return unavailable();
  if (said === 'waiting') return reply(429, {}, { 'x-rl': '0', 'x-ttl': String(RETRY_AFTER_S) });
  return reply(200, said);
}

function abuseIpDbReply({ abuseipdb = {} }: CaseAnswers, address: string): ServiceReply {
  const said = abuseipdb[`ip:${address}`] ?? unreported(address);
  if (said === 'failed') return unavailable();
  if (said !== 'waiting') return reply(200, said);
  const detail = 'Daily rate limit exceeded.';
  return reply(429, { errors: [{ detail, status: 429 }] }, { 'retry-after': String(RETRY_AFTER_S) });
}

/** AbuseIPDB knows every address; of most there are no reports. */
function unreported(ipAddress: string): ServiceDocument {
  return { data: { ipAddress, isPublic: true, isWhitelisted: false, abuseConfidenceScore: 0, totalReports: 0 } };
}
