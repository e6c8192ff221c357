import type { Finding, IntelFormat, Part, ReadOptions } from '../format';
import type { IocType } from '../indicator';
import { linesOfHead } from '../table';
import { found, problem } from '../told';
import { readValue } from '../value';

/** A line that is only said to people: comments of all kinds, headings, the first line of filter lists. */
const REMARK = /^(?:[#;!]|\/\/|\[adblock|\[[a-z ]{1,40}\]$|-{3,}|={3,})/i;
/** Blanks tell a remark behind a value from a part of a link. */
const REMARK_BEHIND = /\s(?:[#;]|\/\/).*$/;
const BULLET = /^(?:[-*+\u2022\u2013]|\d{1,3}[.)])\s+/;

/** Addresses that a file of hosts sends names to, so that they lead nowhere. */
const SINK = /^(?:0\.0\.0\.0|127\.0\.0\.\d{1,3}|::1?|255\.255\.255\.255|fe80::1%lo0)\s+/;
/** Names that every such file has for the machine itself. */
const OWN_NAME = /^(?:local|localhost(?:\.localdomain)?|localhost[46].*|broadcasthost|ip6-[a-z]+|0\.0\.0\.0|::1?)$/i;

/** Other ways in which programs are told what to block; the value stands in the only group. */
const RULES: readonly RegExp[] = [
  /^\|\|([^\s$^|*]+)\^?(?:\$\S*)?\|?$/,
  /^(?:address|server|local)=\/([^/\s]+)\/\S*$/i,
  /^local-(?:zone|data):\s*"([^"\s]+)\.?"/i,
  /^(\S+)\s+(?:\d+\s+)?(?:IN\s+)?CNAME\s+\S+$/i,
  /^(?:deny(?:\s+from)?|block|drop|reject)\s+([^\s;]+);?$/i,
  /^add\s+\S+\s+(\S+)(?:\s+timeout\s+\d+)?$/i,
];
const EXCEPTION = /^@@|^\S*#@?[?$]?#/;

/** One indicator a line, plain or defanged, with remarks; also files of hosts, filter lists and rules of some programs. */
export const list: IntelFormat = {
  name: 'list',
  title: 'Plain list',
  cut: 'lines',
  recognises(head, value) {
    if (value !== undefined) return 0;
    const lines = linesOfHead(head)
      .slice(0, 1000)
      .map((line) => valuesOf(bareLine(line)))
      .filter((values) => values.length > 0)
      .slice(0, 200);
    const good = lines.filter((values) => values.some((text) => readValue(undefined, text).ok)).length;
    return lines.length > 0 && good / lines.length >= 0.5 ? 0.5 : 0;
  },
  open: ({ type }: ReadOptions) => ({ read: (part) => readLine(part, type) }),
};

function bareLine(line: string): string {
  const text = line.trim();
  return REMARK.test(text) ? '' : text.replace(REMARK_BEHIND, '').replace(BULLET, '').trim();
}

function readLine({ text, line }: Part, type: IocType | undefined): Finding[] {
  const bare = bareLine(text);
  if (EXCEPTION.test(bare))
    return [problem(line, 'unsupported', bare, 'Is a rule of a filter that names nothing to block')];
  return valuesOf(bare).map((value) => found(line, type, value, {}));
}

/** What a line names: all of its words if each is a value, else the first, with remarks behind it. */
function valuesOf(line: string): string[] {
  if (line === '') return [];
  const sink = SINK.exec(line);
  if (sink) return wordsOf(line.slice(sink[0].length)).filter((name) => !OWN_NAME.test(name));
  for (const rule of RULES) {
    const value = rule.exec(line)?.[1];
    if (value !== undefined) return [value.replace(/^\*\./, '')];
  }
  if (!/[\s,;]/.test(line)) return [line];
  const words = wordsOf(line);
  const [first = line] = words;
  return words.every((word) => readValue(undefined, word).ok) ? words : [wholeOrFirst(line, first)];
}

/** A value may be defanged with blanks (`evil [.] com`). */
function wholeOrFirst(line: string, first: string): string {
  return !readValue(undefined, first).ok && readValue(undefined, line).ok ? line : first;
}

function wordsOf(line: string): string[] {
  return line.split(/[\s,;]+/).filter((word) => word !== '');
}
