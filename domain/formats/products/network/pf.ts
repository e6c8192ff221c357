import type { Fields } from '../../document';
import { product } from '../../format';
import { byTable, fromSyslog, joined } from '../../readings';
import { text } from '../../recognise';
import { readCells } from '../../text/csv';

const COMMON = ['rulenr', 'subrule', 'anchor', 'tracker', 'interface', 'reason', 'action', 'dir', 'ipversion'] as const;
const V4 = ['tos', 'ecn', 'ttl', 'id', 'offset', 'flags', 'protonum', 'protocol', 'length', 'src', 'dst'] as const;
const V6 = ['class', 'flowlabel', 'hoplimit', 'protocol', 'protonum', 'length', 'src', 'dst'] as const;

function readFilterLog(message: string): Fields | undefined {
  const cells = readCells(message);
  const names = [...COMMON, ...(cells[8] === '6' ? V6 : V4), 'sport', 'dport'];
  if (cells.length < COMMON.length + V6.length || !/^(?:pass|block|reject|match)$/.test(cells[6] ?? ''))
    return undefined;
  return Object.fromEntries(names.flatMap((name, nth) => (cells[nth] ? [[name, cells[nth]]] : [])));
}

/** What the packet filter of pfSense and OPNsense passes or blocks. */
export const pfFilterLog = product({
  name: 'pf_filterlog',
  title: 'pfSense and OPNsense filter log',
  reference: 'https://docs.netgate.com/pfsense/en/latest/monitoring/logs/raw-filter-format.html',
  recognise: text((message, { syslog }) =>
    (syslog.app ?? '').startsWith('filterlog') || /^filterlog/.test(message)
      ? readFilterLog(message.replace(/^filterlog(?:\[\d{1,9}\])?: ?/, ''))
      : undefined,
  ),
  fields: {
    timestamp: fromSyslog('timestamp'),
    hostname: fromSyslog('host'),
    rule_id: ['tracker', 'rulenr'],
    rule_name: joined(' ', 'action', 'dir', 'protocol'),
    src_ip: 'src',
    src_port: 'sport',
    dest_ip: 'dst',
    dest_port: 'dport',
    direction: byTable('dir', { in: 'inbound', out: 'outbound' }),
    outcome: byTable('action', { block: 'blocked', reject: 'blocked', pass: 'allowed' }),
    severity: byTable('action', { block: 'low', reject: 'low', pass: 'low' }),
    event_class: 'action',
  },
});
