import type { Finding, IntelFormat, Part, PartReader } from '../format';
import type { IocType } from '../indicator';
import { linesOfHead } from '../table';
import { found, problem } from '../told';
import { readValue } from '../value';

/** A line that is only said to people: comments of all kinds, headings, the first line of filter lists. */
const REMARK = /^(?:[#;!]|\/\/|\[adblock|\[[a-z ]{1,40}\]$|-{3,}|={3,})/i;
/** Blanks tell a remark behind a value from a part of a link. */
const REMARK_BEHIND = /\s(?:[#;]|\/\/).*$/;
/** Above the values of one kind: `Domains:`, `Hashes (SHA-256):`. */
const HEADING = /^[\p{L}\d ()/&_-]{1,60}:$/u;
/** A value, or what is meant as one: no sentence has only one word a line. */
const ONE_WORD = /^[\w.:/@*()[\]-]+$/;
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

/** Ends of domains that files have, too: `update.zip`, `run.sh`. Nobody defangs the name of a file. */
const LIKE_FILE = /^[\w-]+\.(?:zip|sh|py|md|mov|so|ps|pl|rs)$/i;
/** Ends that only files have. */
const FILE =
  /^[^/@]*\.(?:exe|dll|sys|scr|bat|cmd|ps1|vbs|vbe|js|jse|hta|lnk|jar|rar|7z|docx?|docm|xlsx?|xlsm|pdf|rtf|txt)$/i;
/** Names that are held back until it is known whether the list names files. */
const MOST_HELD = 10_000;

/** One indicator a line, plain or defanged, with remarks; also files of hosts, filter lists and rules of some programs. */
export const list: IntelFormat = {
  name: 'list',
  title: 'Plain list',
  cut: 'lines',
  recognises(head, value) {
    if (value !== undefined) return 0;
    const lines = linesOfHead(head)
      .slice(0, 1000)
      .map(bareLine)
      .filter((line) => valuesOf(line).length > 0)
      .slice(0, 200);
    const good = lines.filter(isMeant).length;
    return lines.length > 0 && good / lines.length >= 0.5 ? 0.5 : 0;
  },
  open: ({ type }) => (type === undefined ? untypedReader() : { read: (part) => readLine(part, type) }),
};

/**
 * A list with hashes or names of files in it is about files: there `run.sh` is one. In any other it is a domain. So such
 * names wait for the first sign of files, at the most to the end.
 */
function untypedReader(): PartReader {
  let namesFiles = false;
  let held: Finding[] = [];

  function settle(): Finding[] {
    const settled = namesFiles ? held.map(asFile) : held;
    held = [];
    return settled;
  }

  return {
    read(part) {
      const findings = readLine(part, undefined);
      const bare = bareLine(part.text);
      if (FILE.test(bare) || findings.some((each) => each.kind === 'indicator' && isHash(each.indicator.type))) {
        namesFiles = true;
      }
      const others = LIKE_FILE.test(bare) ? [] : findings;
      if (others !== findings) held.push(...findings);
      return namesFiles || held.length > MOST_HELD ? [...settle(), ...others] : others;
    },
    end: settle,
  };
}

function asFile(finding: Finding): Finding {
  if (finding.kind !== 'indicator') return finding;
  const reason = 'Is written like a file name; give type=domain if it is a domain';
  return problem(finding.line, 'refused', finding.indicator.value, reason);
}

function isMeant(line: string): boolean {
  return ONE_WORD.test(line) || valuesOf(line).some((text) => typeOf(text) !== undefined);
}

function bareLine(line: string): string {
  const text = line.trim();
  return REMARK.test(text) || HEADING.test(text) ? '' : text.replace(REMARK_BEHIND, '').replace(BULLET, '').trim();
}

function readLine({ text, line }: Part, type: IocType | undefined): Finding[] {
  const bare = bareLine(text);
  if (EXCEPTION.test(bare))
    return [problem(line, 'unsupported', bare, 'Is a rule of a filter that names nothing to block')];
  return valuesOf(bare).map((value) => found(line, type, value, {}));
}

/**
 * What a line names: all of its words if each is a value, else the first, with remarks behind it. Behind a hash stands the
 * name of its file, which may look like a domain (`run.sh`).
 */
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
  const types = words.map(typeOf);
  if (isHash(types[0])) return words.filter((_, index) => index === 0 || isHash(types[index]));
  return types.includes(undefined) ? [wholeOrFirst(line, first)] : words;
}

function typeOf(text: string): IocType | undefined {
  const read = readValue(undefined, text);
  return read.ok ? read.type : undefined;
}

function isHash(type: IocType | undefined): boolean {
  return type === 'md5' || type === 'sha1' || type === 'sha256';
}

/** A value may be defanged with blanks (`evil [.] com`), and a link may have commas and semicolons in it. */
function wholeOrFirst(line: string, first: string): string {
  const [word = line] = line.split(/\s/, 1);
  if (word !== first && typeOf(word) === 'url') return word;
  return typeOf(first) === undefined && typeOf(line) !== undefined ? line : first;
}

function wordsOf(line: string): string[] {
  return line.split(/[\s,;]+/).filter((word) => word !== '');
}
