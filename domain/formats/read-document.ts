import { isObject } from '../is-object';
import type { Document } from './document';
import { readCef } from './text/cef';
import { readLeef } from './text/leef';
import { readSyslog } from './text/syslog';

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
  const json = parsedObject(message);
  if (json) return { syntax: 'json', fields: json, syslog, text: '' };
  const cef = readCef(text);
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
  /^(?:<\d{1,3}>|\d{4}-\d{2}-\d{2}[T ]\d{2}:|[A-Z][a-z]{2} {1,2}\d{1,2} (?:\d{4} )?\d{2}:\d{2}|\{|CEF: ?\d|LEEF: ?\d)/;

/**
 * The records of a text: its lines, where each of them is one; else the text as a whole, which may be a mail or one record
 * of many lines.
 */
export function recordsOf(text: string): string[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.length > 1 && lines.every((line) => RECORD.test(line.trimStart())) ? lines : [text];
}
