import type { Fields } from '../../document';
import { product } from '../../format';
import { has, textAt } from '../../paths';
import { always, byTable, joined, linkOf, turned, when, type Reading } from '../../readings';
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

/** What was recorded, not noticed; only some shippers name the log. */
const isRecord = ({ fields }: { fields: Fields }): boolean => !has(fields, 'note') && !has(fields, 'seen.indicator');
const log: Reading = when(
  isRecord,
  byTable('auth_success', { false: 'log/login_failed' }),
  turned('_path', (value) => `log/${String(value)}`),
  always('log/record'),
);

const recordTitle = turned(log, (value) =>
  value === 'log/login_failed' ? 'Failed login' : `Zeek ${String(value).replace('/', ' ')}`,
);

export const zeek = product({
  name: 'zeek',
  title: 'Zeek logs (notices, signatures, intelligence, connections)',
  reference: 'https://docs.zeek.org/en/master/logs/notice.html',
  recognise: either(
    shape(['note', 'msg'], (fields) => /^[A-Za-z0-9_]+::[A-Za-z0-9_]+$/.test(textAt(fields, 'note') ?? '')),
    shape(['seen.indicator', 'seen.indicator_type']),
    shape(['sig_id', 'note', 'event_msg']),
    shape(['ts', 'uid', 'id.orig_h', 'id.resp_h']),
    text(readTsv),
  ),
  // the id of a connection, of which there may be several notices
  sharesId: () => true,
  fields: {
    timestamp: 'ts',
    alert_id: 'uid',
    rule_name: [
      'note',
      when(({ fields }) => has(fields, 'seen.indicator'), joined(' ', 'seen.indicator_type', 'seen.where')),
    ],
    title: [
      'msg',
      'event_msg',
      turned('seen.indicator', (value) => `Intelligence hit on ${String(value)}`),
      recordTitle,
    ],
    description: ['sub', 'sub_msg', 'sources'],
    src_ip: ['src', 'src_addr', 'id.orig_h'],
    src_port: ['id.orig_p', 'src_port'],
    dest_ip: ['dst', 'dst_addr', 'id.resp_h'],
    dest_port: ['p', 'id.resp_p', 'dst_port'],
    domain: [indicator(/DOMAIN/), 'server_name', when(({ fields }) => has(fields, 'qtype_name'), 'query')],
    url: [indicator(/URL/), when(({ fields }) => has(fields, 'status_code'), linkOf('host', 'uri'))],
    severity: when(isRecord, byTable('auth_success', { false: 'medium' }), always('low')),
    file_hashes: indicator(/HASH/),
    email_from: indicator(/EMAIL/),
    username: indicator(/USER_NAME/),
    event_class: [log, 'note', turned('seen.indicator_type', (value) => `intel/${String(value)}`)],
  },
});
