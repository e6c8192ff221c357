import { normaliseCidr } from '../../network';
import { normaliseLink } from '../../normalise';
import { refang } from '../../refang';
import { observablesInText } from '../../text-observables';
import type { Finding, IntelFormat, Part } from '../format';
import { IOC_TYPES } from '../indicator';
import { found, problem } from '../told';

/** The name that a mail shows for its sender is whatever he likes. */
const SHOWN_NAME = /"[^"]{0,200}"\s{0,4}(?=<)/g;
/** Numbers of parts of a document and of programs look like addresses: `Section 4.1.2.3`, `versions 1.2.3.4 and 1.2.3.5`. */
const NUMBERED =
  /(?:\b(?:section|chapter|clause|paragraph|annex|appendix|article|figure|version|release|build)s?|\u00a7{1,2})\s{0,4}v?\d{1,5}(?:\.\d{1,5}){3}(?:(?:,| and| or| to|,? through) v?\d{1,5}(?:\.\d{1,5}){3}){0,20}(?![\w/])/gi;
/** A range by itself; behind a slash or a colon it is a part of something else. */
const RANGE =
  /(?<![\w./:-])(?:\d{1,3}(?:\.\d{1,3}){3}\/\d{1,2}|[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){2,7}\/\d{1,3})(?![\w/-]|\.\d)/gi;
const DEFANGED = /\bh(?:xx|\*\*)ps?\b|[[({](?:\.|dot|:|:\/\/)[\])}]/i;
/** What each indicator has one of, also a defanged one; most lines of a text have none. */
const MAYBE = /[.:\u3002\uff0e\uff61]|dot|punto|punkt|[0-9a-f]{32}/i;
const LIVE_LINK = /\bhttps?:\/\/[^\s"'<>`{}|\\^[\]]{3,4096}/gi;
/** Links that are held back until it is known what they are. */
const MOST_HELD = 10_000;

/**
 * Sentences that name indicators. Whoever defangs what is dangerous leaves the pages alive that one shall read: where
 * something is defanged, plain links are references. Of a link only itself is an indicator, not the host it leads to.
 */
export const report: IntelFormat = {
  name: 'text',
  title: 'Report in free text',
  cut: 'lines',
  recognises: (_head, value) => (value === undefined ? 0.1 : 0),
  open() {
    let defangs = false;
    let held: Finding[] = [];

    function settle(): Finding[] {
      const settled = defangs ? held.map(asReference) : held;
      held = [];
      return settled;
    }

    return {
      read(part) {
        if (DEFANGED.test(part.text)) defangs = true;
        const { plain, live } = findingsIn({ ...part, text: part.text.replace(SHOWN_NAME, '').replace(NUMBERED, '') });
        held.push(...live);
        return defangs || held.length > MOST_HELD ? [...settle(), ...plain] : plain;
      },
      end: settle,
    };
  },
};

/** What a line names; `live` are links that nobody has defanged. */
function findingsIn({ text, line }: Part): { plain: Finding[]; live: Finding[] } {
  const plain: Finding[] = [];
  const live: Finding[] = [];
  const liveLinks = new Set(Array.from(text.matchAll(LIVE_LINK), ([link]) => normaliseLink(endless(link))?.url));
  let host: string | undefined;
  if (!MAYBE.test(text)) return { plain, live };
  for (const observable of observablesInText(text)) {
    const type = IOC_TYPES.find((each) => each === observable.type);
    const isHostOfLink = observable.value === host;
    host = type === 'url' ? normaliseLink(observable.value)?.host : undefined;
    if (type === undefined || isHostOfLink) continue;
    const isLive = (type === 'url' && liveLinks.has(observable.value)) || isPage(text, observable.value);
    const list = isLive ? live : plain;
    list.push(found(line, type, observable.value, {}));
  }
  plain.push(...rangesIn(text).map((range) => found(line, 'ip', range, {})));
  return { plain, live };
}

/** Ranges of more than one address: one of a single address has been found as that. */
function rangesIn(text: string): string[] {
  if (!text.includes('/')) return [];
  const ranges = Array.from(refang(text).matchAll(RANGE), ([range]) => range);
  return ranges.filter((range) => normaliseCidr(range)?.includes('/'));
}

/** True for a site or a page to read, which is named without a scheme and not defanged: `www.example.org`. */
function isPage(text: string, value: string): boolean {
  const name = value.replace(/^https?:\/\//, '').replace(/\/$/, '');
  const at = name.includes('/') || name.startsWith('www.') ? text.indexOf(name) : -1;
  return at === 0 || (at > 0 && /[\s"'(<,]/.test(text.charAt(at - 1)));
}

/** Without what ends a sentence. */
function endless(link: string): string {
  return link.replace(/[).,;:!?\]]{1,8}$/, '');
}

function asReference(finding: Finding): Finding {
  if (finding.kind !== 'indicator') return finding;
  const { value } = finding.indicator;
  return problem(
    finding.line,
    'unsupported',
    value,
    'Is a live link in a report that defangs what is dangerous: a reference',
  );
}
