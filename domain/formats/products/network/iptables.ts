import { product } from '../../format';
import { fromSyslog, turned } from '../../readings';
import { text } from '../../recognise';
import { readKeyValues } from '../../text/key-values';

/** The prefix that the rule gives its lines, such as `[UFW BLOCK]` or `IPTABLES-DROP:`. */
const PREFIX = /^(?:\[ {0,12}[\d.]{3,20}\] )?\[?([A-Za-z][^\]=\n]{0,80}?)\]?:? {0,3}(?=(?:DESCR|IN|PHYSIN)=)/;

export const iptables = product({
  name: 'iptables',
  title: 'Linux packet filter (iptables, nftables, ufw, UniFi)',
  reference: 'https://www.netfilter.org/documentation/',
  recognise: text((message) => {
    const line = message.slice(0, 4000);
    if (!/\bSRC=[0-9a-fA-F.:]{3,45} /.test(line) || !/\bDST=/.test(line) || !/\bIN=/.test(line)) return undefined;
    const prefix = PREFIX.exec(line)?.[1]?.trim();
    return { ...readKeyValues(line), ...(prefix === undefined ? {} : { prefix }) };
  }),
  fields: {
    timestamp: fromSyslog('timestamp'),
    hostname: fromSyslog('host'),
    rule_name: ['DESCR', 'prefix'],
    src_ip: 'SRC',
    src_port: 'SPT',
    dest_ip: 'DST',
    dest_port: 'DPT',
    outcome: turned('prefix', (value) =>
      /drop|block|deny|reject|-D(?:-|$)/i.test(String(value))
        ? 'blocked'
        : /accept|allow|-A(?:-|$)/i.test(String(value))
          ? 'allowed'
          : undefined,
    ),
    event_class: 'prefix',
  },
});
