import { dateText } from '../dates';
import type { Finding, IntelFormat, Part } from '../format';
import { linesOfHead } from '../table';
import { found, problem, told } from '../told';

/** What it does, the protocol, where the traffic comes from and goes to, and the options. */
const RULE =
  /^(alert|drop|reject\w{0,4}|block|pass|log)\s+[\w-]{1,30}\s+(\[[^\]]*\]|\S+)\s+\S+\s+(?:->|<>)\s+(\[[^\]]*\]|\S+)\s+\S+\s*\((.*)$/i;
const CLASS = /;\s*classtype:\s*([\w-]{1,60})/;
const UPDATED = /\bupdated_at (\d{4})_(\d\d)_(\d\d)/;

/**
 * Rules of Suricata and Snort, as Emerging Threats has its lists of addresses: what a rule is told to watch is bad. Names
 * and hashes in its options are left alone: they are references, and parts of a pattern as often as what is bad by itself.
 */
export const suricata: IntelFormat = {
  name: 'suricata',
  title: 'Rules of Suricata and Snort (Emerging Threats)',
  cut: 'lines',
  recognises(head) {
    const rules = linesOfHead(head)
      .filter((line) => !/^\s*#/.test(line))
      .slice(0, 20);
    return rules.length > 0 && rules.every((line) => RULE.test(line)) ? 1 : 0;
  },
  open: ({ now }) => ({ read: (part) => readRule(part, now) }),
};

function readRule({ text, line }: Part, now: string): Finding[] {
  // a rule behind a comment is switched off
  if (/^\s*(?:#|$)/.test(text)) return [];
  const [, action = '', from = '', to = '', options = ''] = RULE.exec(text.trim()) ?? [];
  if (action === '') return [problem(line, 'refused', text, 'Is no rule')];
  const addresses = [...addressesIn(from), ...addressesIn(to)];
  if (/^pass$/i.test(action)) return [problem(line, 'unsupported', text, 'Is a rule of what is let through')];
  if (addresses.length === 0) return [problem(line, 'unsupported', text, 'Is a rule that names no addresses')];
  const [, kind] = CLASS.exec(options) ?? [];
  const day = UPDATED.exec(options)?.slice(1).join('-');
  const about = told({ last_seen: dateText(day), tags: kind === undefined ? [] : [kind] }, now);
  return addresses.map((address) => found(line, 'ip', address, about));
}

/** Without variables, `any`, and what is excepted. */
function addressesIn(side: string): string[] {
  if (side.startsWith('!')) return [];
  const all = side.replace(/[[\]]/g, '').split(',');
  return all.map((each) => each.trim()).filter((each) => /^[\da-f]*[.:]/i.test(each));
}
