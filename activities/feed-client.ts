import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { unescape } from 'node:querystring';
import { normaliseIp } from '../domain/network';
import { feedBody } from './feed-body';
import { FeedError } from './feed-error';
import { codeOf, retryAfter } from './providers/http';

export interface FeedRequest {
  /** As an administrator has set it: it may lead into the own network, and hold a user and password. */
  url: string;
  /** What the server gave with the file that was imported last. */
  etag: string | null;
  lastModified: string | null;
  signal: AbortSignal;
  now: Date;
  /** Whether an address is on the Internet, and not in the own network. */
  isOutside: (ip: string) => boolean;
  /** Told with each piece of the file, in bytes so far. */
  onBytes?: (bytes: number) => void;
}

export type FeedAnswer =
  | { status: 'not_modified' }
  /** The file is to be read at once; reading it may throw a {@link FeedError}. */
  | { status: 'ok'; file: AsyncIterable<Buffer>; etag: string | null; lastModified: string | null };

const REDIRECTS = [301, 302, 303, 307, 308];
const MOST_REDIRECTS = 5;
/** Without a byte. */
const SILENCE_MS = 30_000;
const USER_AGENT = 'soar-suite (threat-intelligence import)';

/** What a status means to whoever has set the address. */
const MEANING: Record<number, string> = {
  401: 'it wants a key or a password; see what its operator says, and put it into the address',
  403: 'it does not let us have the file',
  404: 'there is nothing at this address',
  410: 'the feed is gone for good',
};

/** Where a request goes, and what was seen on the way. */
interface Hop {
  url: URL;
  authorization: string | undefined;
  /** An address before this one was on the Internet: from there nobody is led back inside. */
  fromOutside: boolean;
}

/**
 * Asks for a feed's file: only for what is new since the last time, through at most five redirects.
 * @throws FeedError
 */
export async function openFeed(request: FeedRequest): Promise<FeedAnswer> {
  let hop = firstHop(request.url);
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const { host } = hop.url;
    const addresses = await addressesOf(hop.url);
    const isOutside = addresses.every(({ address }) => request.isOutside(address));
    if (hop.fromOutside && !isOutside) {
      throw new FeedError(`A redirect leads to ${host}, which is inside; it is not followed`, { retryable: false });
    }
    const response = await send(hop, addresses, request);
    const status = response.statusCode ?? 0;
    if (status === 200) return received(response, host, request);
    response.destroy();
    if (status === 304 && (request.etag ?? request.lastModified) !== null) return { status: 'not_modified' };
    if (!REDIRECTS.includes(status)) throw refusal(response, host, request.now);
    hop = nextHop(hop, response.headers.location, isOutside);
  }
  throw new FeedError(`${hop.url.host} leads on and on: more than ${MOST_REDIRECTS} redirects`, { retryable: false });
}

function firstHop(address: string): Hop {
  const url = new URL(address);
  if (!isHttp(url))
    throw new FeedError(`Feeds are fetched by http or https, not ${url.protocol}`, { retryable: false });
  const { username, password } = url;
  const credentials = `${unescape(username)}:${unescape(password)}`;
  url.username = '';
  url.password = '';
  const authorization = username || password ? `Basic ${Buffer.from(credentials).toString('base64')}` : undefined;
  return { url, authorization, fromOutside: false };
}

/** What the address's owner says where the file is now. Credentials go to nobody else, and encryption is not given up. */
function nextHop(hop: Hop, location: string | undefined, isOutside: boolean): Hop {
  const { host } = hop.url;
  const url = location === undefined ? undefined : parsedUrl(location, hop.url);
  if (!url || !isHttp(url)) throw new FeedError(`${host} answered with a redirect to nowhere`, { retryable: false });
  if (hop.url.protocol === 'https:' && url.protocol === 'http:') {
    throw new FeedError(`${host} leads from https to http, which is not followed`, { retryable: false });
  }
  const authorization = url.origin === hop.url.origin ? hop.authorization : undefined;
  url.username = '';
  url.password = '';
  return { url, authorization, fromOutside: hop.fromOutside || isOutside };
}

function parsedUrl(location: string, base: URL): URL | undefined {
  return URL.canParse(location, base.href) ? new URL(location, base) : undefined;
}

function isHttp({ protocol }: URL): boolean {
  return protocol === 'http:' || protocol === 'https:';
}

/** All addresses of the host; the request goes to one of these and no other. */
async function addressesOf({ hostname, host }: URL): Promise<LookupAddress[]> {
  const name = hostname.replace(/^\[|\]$/g, '');
  const literal = normaliseIp(name);
  if (literal !== undefined) return [{ address: literal, family: literal.includes(':') ? 6 : 4 }];
  try {
    return await lookup(name, { all: true });
  } catch (error) {
    throw new FeedError(`${host} cannot be reached (${codeOf(error)})`);
  }
}

function send(hop: Hop, addresses: LookupAddress[], request: FeedRequest): Promise<IncomingMessage> {
  const { url, authorization } = hop;
  const { etag, lastModified, signal } = request;
  const options: RequestOptions = {
    signal,
    lookup: pinnedTo(addresses),
    agent: false,
    headers: {
      'user-agent': USER_AGENT,
      accept: '*/*',
      'accept-encoding': 'gzip, deflate, br',
      ...(authorization === undefined ? {} : { authorization }),
      ...(etag === null ? {} : { 'if-none-match': etag }),
      ...(lastModified === null ? {} : { 'if-modified-since': lastModified }),
    },
  };
  return new Promise((resolve, reject) => {
    const sent = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options, resolve);
    sent.setTimeout(SILENCE_MS, () =>
      sent.destroy(new FeedError(`${url.host} said nothing for ${SILENCE_MS / 1000} s`)),
    );
    sent.on('error', (error) => {
      if (signal.aborted) reject(signal.reason as Error);
      else
        reject(error instanceof FeedError ? error : new FeedError(`${url.host} cannot be reached (${codeOf(error)})`));
    });
    sent.end();
  });
}

function pinnedTo(addresses: readonly LookupAddress[]): LookupFunction {
  return (_host, { all }, callback) => {
    const [first] = addresses;
    if (all) callback(null, [...addresses]);
    else callback(null, first?.address ?? '', first?.family);
  };
}

function received(response: IncomingMessage, host: string, { signal, onBytes }: FeedRequest): FeedAnswer {
  const { etag = null, 'last-modified': lastModified = null } = response.headers;
  return { status: 'ok', file: feedBody(response, { host, signal, onBytes }), etag, lastModified };
}

/** Too much asked, or trouble on the other side, may pass; what is wrong with the request does not. */
function refusal({ statusCode = 0, headers }: IncomingMessage, host: string, now: Date): FeedError {
  const retryable = statusCode === 408 || statusCode === 429 || statusCode >= 500;
  const meaning = MEANING[statusCode];
  const wait = headers['retry-after'];
  const until = wait === undefined ? undefined : retryAfter(new Headers({ 'retry-after': wait }), now);
  return new FeedError(`${host} answered ${statusCode}${meaning ? `: ${meaning}` : ''}`, {
    retryable,
    ...(until ? { retryAfterMs: until.getTime() - now.getTime() } : {}),
  });
}
