import PostalMime, { type Address, type Attachment, type Email } from 'postal-mime';

/** Headers that a mail has among its first lines. */
const HEADER =
  /^(?:Return-Path|Received|Delivered-To|From|To|Subject|Date|Message-ID|MIME-Version|DKIM-Signature|Reply-To|X-[\w-]{1,60}|Authentication-Results|ARC-[\w-]{1,60}|Content-Type):/i;
const MOST_PARTS = 100;
const MOST_TEXT = 100_000;
/** Five megabytes of attachments have some 70,000 lines; more are short ones, made to keep the reader busy. */
const MOST_LINES = 100_000;
/** Deeper than any mail that people send. */
const DEEPEST = 50;

/** True for a text that begins as a mail does. */
function isMail(text: string): boolean {
  const lines = text.slice(0, 4000).split(/\r?\n/);
  const head = lines[0]?.startsWith('From ') ? lines.slice(1) : lines;
  if (!HEADER.test(head[0] ?? '')) return false;
  const headers = head.filter((line) => HEADER.test(line));
  return headers.length >= 3 && headers.some((line) => /^from:/i.test(line));
}

function hasTooManyLines(text: string): boolean {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0 && lines <= MOST_LINES; at = text.indexOf('\n', at + 1)) lines++;
  return lines > MOST_LINES;
}

const addressesOf = (list: readonly Address[] = []): string[] =>
  list
    .flatMap((one) => ('group' in one && one.group ? one.group.map(({ address }) => address) : [one.address ?? '']))
    .filter((address) => address !== '');

async function sha256(content: ArrayBuffer | string): Promise<string> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function readAttachment({ filename, mimeType, content }: Attachment) {
  const bytes = content instanceof Uint8Array ? content.slice().buffer : content;
  return { filename: filename ?? null, media_type: mimeType, sha256: await sha256(bytes) };
}

/** Where the links of a mail lead: those that can be clicked, then those in its text. */
function linksIn({ html = '', text = '' }: Email): string[] {
  const clickable = [
    ...html.slice(0, 1_000_000).matchAll(/\b(?:href|action)\s{0,5}=\s{0,5}["']?(https?:\/\/[^"'\s<>]{4,4000})/gi),
  ];
  const written = [...text.slice(0, 1_000_000).matchAll(/https?:\/\/[^\s<>"')\]]{4,4000}/gi)];
  const links = [...clickable.map(([, link = '']) => link.replaceAll('&amp;', '&')), ...written.map(([link]) => link)];
  return [...new Set(links)].slice(0, MOST_PARTS);
}

/** Who handed the mail to the first server that says so and is not of the sender's own network. */
function receivedFrom({ headers }: Email): string | undefined {
  const received = headers.filter(({ key }) => key === 'received').map(({ value }) => value);
  // the topmost line was written last, by our own server
  for (const line of received) {
    const address = /\bfrom\b[^;]{0,400}?\[(?:IPv6:)?([0-9a-f.:]{3,45})\]/i.exec(line.slice(0, 2000))?.[1];
    if (address !== undefined && !/^(?:10\.|127\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|::1|f[cd])/i.test(address))
      return address;
  }
  return undefined;
}

/**
 * Takes apart what is a mail (RFC 5322), for the format that reads one; anything else comes back as it is. Never throws:
 * what cannot be read as a mail stays text.
 */
export async function openMail(body: unknown, mediaType?: string): Promise<unknown> {
  if (typeof body !== 'string' || !(mediaType === 'message/rfc822' || isMail(body)) || hasTooManyLines(body))
    return body;
  let mail: Email;
  try {
    mail = await PostalMime.parse(body.replace(/^From .*\r?\n/, ''), { maxNestingDepth: DEEPEST });
  } catch {
    return body;
  }
  const { from, to, cc, replyTo, subject, date, messageId, returnPath, text = '' } = mail;
  const attachments = await Promise.all(mail.attachments.slice(0, MOST_PARTS).map(readAttachment));
  return {
    rfc822: {
      message_id: messageId,
      date,
      from: addressesOf(from ? [from] : [])[0],
      to: [...addressesOf(to), ...addressesOf(cc)],
      reply_to: addressesOf(replyTo)[0],
      return_path: returnPath,
      subject,
      received_from: receivedFrom(mail),
      text: text.slice(0, MOST_TEXT),
      links: linksIn(mail),
      attachments,
      headers: Object.fromEntries(mail.headers.map(({ key, value }) => [key, value])),
    },
  };
}
