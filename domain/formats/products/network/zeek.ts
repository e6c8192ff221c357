import type { Fields } from '../../document';
import { product } from '../../format';
import { has, textAt } from '../../paths';
import { joined, turned, when } from '../../readings';
import { either, shape, text } from '../../recognise';

const UNSET = /^(?:-|\(empty\))$/;
const MOST_ROWS = 100;

/** A log with its header: `#fields` names the columns. The first rows of a notice or intel log. */
function readTsv(message: string): Fields | undefined {
  if (!message.includes('#fields\t')) return undefined;
  const lines = message.split('\n', MOST_ROWS);
  const names =
    lines
      .find((line) => line.startsWith('#fields\t'))
      ?.split('\t')
      .slice(1) ?? [];
  const row = lines.find((line) => line !== '' && !line.startsWith('#'))?.split('\t');
  if (!row || !(names.includes('note') || names.includes('seen.indicator'))) return undefined;
  return Object.fromEntries(
    names.flatMap((name, nth) => (row[nth] === undefined || UNSET.test(row[nth]) ? [] : [[name, row[nth]]])),
  );
}

const indicator = (type: RegExp) =>
  when(({ fields }) => type.test(textAt(fields, 'seen.indicator_type') ?? ''), 'seen.indicator');

export const zeek = product({
  name: 'zeek',
  title: 'Zeek notice and intel logs',
  reference: 'https://docs.zeek.org/en/master/logs/notice.html',
  recognise: either(
    shape(['note', 'msg'], (fields) => /^[A-Za-z0-9_]+::[A-Za-z0-9_]+$/.test(textAt(fields, 'note') ?? '')),
    shape(['seen.indicator', 'seen.indicator_type']),
    text(readTsv),
  ),
  fields: {
    timestamp: 'ts',
    alert_id: 'uid',
    rule_name: [
      'note',
      when(({ fields }) => has(fields, 'seen.indicator'), joined(' ', 'seen.indicator_type', 'seen.where')),
    ],
    title: ['msg', turned('seen.indicator', (value) => `Intelligence hit on ${String(value)}`)],
    description: ['sub', 'sources'],
    src_ip: ['src', 'id.orig_h'],
    src_port: 'id.orig_p',
    dest_ip: ['dst', 'id.resp_h'],
    dest_port: ['p', 'id.resp_p'],
    domain: indicator(/DOMAIN/),
    url: indicator(/URL/),
    file_hashes: indicator(/HASH/),
    email_from: indicator(/EMAIL/),
    username: indicator(/USER_NAME/),
    event_class: ['note', turned('seen.indicator_type', (value) => `intel/${String(value)}`)],
  },
});
