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
/** A report of a report, and one more; deeper, a mail in a mail stays an attachment. */
const DEEPEST_MAIL = 4;
const LINE_FEED = 0x0a;

/** True for a text that begins as a mail does. */
function isMail(text: string): boolean {
  const lines = text.slice(0, 4000).split(/\r?\n/);
  const head = lines[0]?.startsWith('From ') ? lines.slice(1) : lines;
  if (!HEADER.test(head[0] ?? '')) return false;
  const headers = head.filter((line) => HEADER.test(line));
  return headers.length >= 3 && headers.some((line) => /^from:/i.test(line));
}

/** The line feeds of a text, or of the bytes of an attached one. */
function hasTooManyLines(mail: string | Uint8Array): boolean {
  const next = (from: number): number =>
    typeof mail === 'string' ? mail.indexOf('\n', from) : mail.indexOf(LINE_FEED, from);
  let lines = 0;
  for (let at = next(0); at >= 0 && lines <= MOST_LINES; at = next(at + 1)) lines++;
  return lines > MOST_LINES;
}

const addressesOf = (list: readonly Address[] = []): string[] =>
  list
    .flatMap((one) => ('group' in one && one.group ? one.group.map(({ address }) => address) : [one.address ?? '']))
    .filter((address) => address !== '');

const bytesOf = ({ content }: Attachment): Uint8Array<ArrayBuffer> =>
  typeof content === 'string' ? new TextEncoder().encode(content) : new Uint8Array(content);

async function readAttachment(attachment: Attachment) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytesOf(attachment)));
  const sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return { filename: attachment.filename, media_type: attachment.mimeType, sha256 };
}

/** True for a picture that is shown in the text, such as a logo, and not one that only says it is a picture. */
function isShown({ mimeType, filename, contentId, related, disposition }: Attachment): boolean {
  return (
    mimeType.startsWith('image/') &&
    /(?:^|\.)(?:png|jpe?g|gif|bmp|webp)$/i.test(filename ?? mimeType.slice('image/'.length)) &&
    contentId !== undefined &&
    (related === true || disposition !== 'attachment')
  );
}

const isMailFile = ({ mimeType, filename }: Attachment): boolean =>
  mimeType === 'message/rfc822' || mimeType === 'message/global' || /\.eml$/i.test(filename ?? '');

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

/** A mail, and those that are attached to it. */
interface Opened {
  mail: Email;
  /** Its attachments that are no mails. */
  files: readonly Attachment[];
  attached: readonly Opened[];
}

/** How many mails may still be opened, of all that one document holds. */
interface Budget {
  mails: number;
}

/** Undefined for what cannot be read as a mail. */
async function open(raw: string | Uint8Array, budget: Budget, depth = 0): Promise<Opened | undefined> {
  if (hasTooManyLines(raw) || budget.mails-- <= 0) return undefined;
  let mail: Email;
  try {
    mail = await PostalMime.parse(raw, { maxNestingDepth: DEEPEST, forceRfc822Attachments: true });
  } catch {
    return undefined;
  }
  const files: Attachment[] = [];
  const attached: Opened[] = [];
  for (const each of mail.attachments.slice(0, MOST_PARTS)) {
    const inner = isMailFile(each) && depth < DEEPEST_MAIL ? await open(bytesOf(each), budget, depth + 1) : undefined;
    if (inner?.mail.from) attached.push(inner);
    else files.push(each);
  }
  return { mail, files, attached };
}

const domainsOf = (addresses: readonly string[]): string[] =>
  addresses.map((address) => address.slice(address.lastIndexOf('@') + 1).toLowerCase());

/**
 * True for a mail that only hands on the one attached to it: from a receiver of that one, or within one's own house. Of
 * any other, its own links and files count too: a harmless mail attached to it must not hide them.
 */
function isReport({ mail }: Opened, { mail: inner }: Opened): boolean {
  const [reporter] = domainsOf(addressesOf(mail.from ? [mail.from] : []));
  const around = [...addressesOf(mail.to), ...addressesOf(inner.to), ...addressesOf(inner.cc)];
  return reporter !== undefined && domainsOf([...around, inner.deliveredTo ?? '']).includes(reporter);
}

/** The mail that is to be looked into, with all that leads out of it. */
interface Accused {
  mail: Email;
  links: readonly string[];
  files: readonly Attachment[];
  reportedBy?: string | undefined;
}

function accusedIn(opened: Opened): Accused {
  const { mail, files, attached } = opened;
  const inside = attached.map(accusedIn);
  const [only] = inside;
  const [reported] = attached;
  if (!only || !reported || attached.length > 1) {
    return {
      mail,
      links: [...linksIn(mail), ...inside.flatMap(({ links }) => links)],
      files: [...files, ...inside.flatMap((each) => each.files)],
    };
  }
  const own = isReport(opened, reported) ? { links: [], files: [] } : { links: linksIn(mail), files };
  return {
    mail: only.mail,
    links: [...only.links, ...own.links],
    files: [...only.files, ...own.files],
    reportedBy: only.reportedBy ?? addressesOf(mail.from ? [mail.from] : [])[0],
  };
}

/** What is sent as a file, before what only comes along. */
const sentFirst = (files: readonly Attachment[]): Attachment[] => [
  ...files.filter(({ disposition }) => disposition === 'attachment'),
  ...files.filter(({ disposition }) => disposition !== 'attachment'),
];

/**
 * Takes apart what is a mail (RFC 5322), for the format that reads one; anything else comes back as it is. Of a mail that
 * reports another one, it is that other one. Never throws: what cannot be read as a mail stays text.
 */
export async function openMail(body: unknown, mediaType?: string): Promise<unknown> {
  if (typeof body !== 'string' || !(mediaType === 'message/rfc822' || isMail(body))) return body;
  const opened = await open(body.replace(/^From .*\r?\n/, ''), { mails: MOST_PARTS });
  if (!opened) return body;
  const { mail, links, files, reportedBy } = accusedIn(opened);
  const { from, to, cc, replyTo, subject, date, messageId, returnPath, text = '' } = mail;
  const shown = files.filter(isShown);
  const sent = sentFirst(files.filter((file) => !shown.includes(file)));
  return {
    rfc822: {
      message_id: messageId,
      date,
      from: addressesOf(from ? [from] : [])[0],
      to: [...addressesOf(to), ...addressesOf(cc)],
      reply_to: addressesOf(replyTo)[0],
      return_path: returnPath,
      reported_by: reportedBy,
      subject,
      received_from: receivedFrom(mail),
      text: text.slice(0, MOST_TEXT),
      links: [...new Set(links)].slice(0, MOST_PARTS),
      attachments: await Promise.all(sent.slice(0, MOST_PARTS).map(readAttachment)),
      shown_images: await Promise.all(shown.slice(0, MOST_PARTS).map(readAttachment)),
      headers: Object.fromEntries(mail.headers.map(({ key, value }) => [key, value])),
    },
  };
}
