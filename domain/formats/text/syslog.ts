import type { SyslogHeader } from '../document';

const PRIORITY = String.raw`(?:<\d{1,3}>)?`;
const ISO = String.raw`\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?:[Zz]| ?[+-]\d{2}:?\d{2})?`;
const CLASSIC = String.raw`(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?[A-Z][a-z]{2} {1,2}\d{1,2}(?: \d{4})? \d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?: \d{4}(?= )| [A-Z]{3,4}(?=:| ))?`;
/** Logs of programs put a level, a process or a part of themselves where syslog has the host. */
const NO_HOST = String.raw`(?!(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|CRIT|CRITICAL|FATAL|SEVERE|ALERT|EMERG|\d{1,9}|[a-z]{1,20}_login) )`;
const HOST = String.raw`${NO_HOST}[A-Za-z0-9_.:\-]{0,254}[A-Za-z0-9_.\-]`;
const APP = String.raw`[A-Za-z0-9_./()\-]{1,96}`;

/** RFC 5424: version 1, then time, host, app, process and message id, and structured data. */
const RFC5424 = new RegExp(
  String.raw`^${PRIORITY}1 (${ISO}|-) (\S{1,255}) (\S{1,96}) (\S{1,128}) (\S{1,64}) (-|(?:\[(?:[^\]\\]|\\.){0,8000}\]){1,20}) ?`,
);
/** RFC 3164 and what became of it: time, host, and often the program. */
const RFC3164 = new RegExp(
  String.raw`^${PRIORITY}(?:\d{1,6}: )?\*?(${CLASSIC}|${ISO}):? (?:(${HOST}) {1,3}(?:\2 )?(?=[^\s[]|\[(?! {0,12}\d)))?(?:(${APP}) {0,20}(?:\[(\d{1,9}|-)\])?: {0,12})?`,
);

function part(text: string | undefined): string | undefined {
  return text === undefined || text === '-' ? undefined : text;
}

function header(match: RegExpExecArray): SyslogHeader {
  const [timestamp, host, app, pid, messageId, data] = match.slice(1, 7).map(part);
  return Object.fromEntries(
    Object.entries({ timestamp, host, app, pid, messageId, data }).filter(([, value]) => value !== undefined),
  );
}

/** A line's syslog header and the message after it; of a line without one the header is empty. Linear time. */
export function readSyslog(line: string): { syslog: SyslogHeader; message: string } {
  const bare = line.replace(/^\ufeff/, '').trim();
  const match = RFC5424.exec(bare) ?? RFC3164.exec(bare);
  if (!match) return { syslog: {}, message: bare.replace(/^<\d{1,3}>/, '') };
  return { syslog: header(match), message: bare.slice(match[0].length).replace(/^\ufeff/, '') };
}
