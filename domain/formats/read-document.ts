import { isObject } from '../is-object';
import type { Document } from './document';
import { readCef } from './text/cef';
import { readLeef } from './text/leef';
import { readSyslog } from './text/syslog';
import { readWindowsText } from './text/windows-text';
import { readWindowsXml } from './text/windows-xml';

function parsedObject(text: string): Record<string, unknown> | undefined {
  if (!/^\s*\{/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function readLine(text: string): Document {
  const { syslog, message } = readSyslog(text);
  // the cookie of lumberjack stands before its JSON
  const json = parsedObject(message.replace(/^@cee: ?/, ''));
  if (json) return { syntax: 'json', fields: json, syslog, text: '' };
  const event = readWindowsXml(message) ?? readWindowsText(message);
  if (event) return { syntax: 'json', fields: event, syslog, text: message };
  const cef = readCef(text) ?? readCef(message);
  if (cef) return { syntax: 'cef', fields: cef, syslog, text: message };
  const leef = readLeef(text);
  if (leef) return { syntax: 'leef', fields: leef, syslog, text: message };
  return { syntax: 'text', fields: {}, syslog, text: message };
}

/** Takes apart one document: an object, or a line or more of text. */
export function readDocument(body: unknown): Document {
  if (isObject(body)) return { syntax: 'json', fields: body, syslog: {}, text: '' };
  return readLine(typeof body === 'string' ? body : String(body));
}

/** What begins a record of its own: a syslog priority or time, a JSON object, CEF or LEEF. */
const RECORD =
  /^(?:<\d{1,3}>|\d{4}-\d{2}-\d{2}[T ]\d{2}:|[A-Z][a-z]{2} {1,2}\d{1,2} (?:\d{4} )?\d{2}:\d{2}|\{|CEF: ?\d|LEEF: ?\d|\d\|)/;

/** The lines of a text that say something. */
export function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}

/** True for a line that is a record of its own; others may be part of one that has many lines. */
export function isRecord(line: string): boolean {
  return RECORD.test(line.trimStart());
}
