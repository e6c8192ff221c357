import { observableId, staysInside, type Observable } from '../observable';
import type { CaseFacts, OwnSignal, Playbook } from '../playbook';
import type { Assessment } from '../verdict';
import { anyAlert, criticalHosts, hostsOf, isOutbound, named, lookups, signal, valuesOf } from './case';

/** Ports that remote-control programs listen on by default, and hardly anything else does. */
const ODD_PORTS: ReadonlySet<number> = new Set([1337, 4444, 5555, 6666, 6667, 9001, 9030, 31337, 50050]);
const SCANNERS = 'known-scanners';

/** For what leaves, the peer outside is the destination; else it is the source. Names stand in where no address is given. */
function addresses(facts: CaseFacts): Observable[] {
  const ends = isOutbound(facts) ? (['destination', 'source'] as const) : (['source', 'destination'] as const);
  const found = (type: 'ip' | 'domain') => lookups(facts, ...ends.map((role) => ({ types: [type], roles: [role] })));
  const ips = found('ip');
  const peers = ips.length > 0 ? ips : found('domain');
  return [...peers.filter((one) => !staysInside(one)), ...peers.filter(staysInside)];
}

function outbound(facts: CaseFacts): OwnSignal[] {
  const [peer] = addresses(facts);
  const stopped = facts.alerts.every(({ outcome }) => outcome === 'blocked');
  if (!peer || staysInside(peer) || !isOutbound(facts) || stopped) return [];
  const from = named([...hostsOf(facts), ...valuesOf(facts, 'src_ip')], 'An inside host');
  return [
    signal('outbound_connection', 15, `${from} reached ${peer.value}: it was not only scanned`, observableId(peer)),
  ];
}

function oddPort(facts: CaseFacts): OwnSignal[] {
  const port = facts.alerts.map(({ dest_port }) => dest_port).find((one) => one !== undefined && ODD_PORTS.has(one));
  return port === undefined ? [] : [signal('odd_port', 15, `Port ${port} is a default of remote-control programs`)];
}

function criticality(facts: CaseFacts): OwnSignal[] {
  const hosts = criticalHosts(facts);
  const letIn = anyAlert(facts, ({ outcome }) => outcome === 'allowed' || outcome === 'success');
  return hosts.length > 0 && letIn ? [signal('critical_host', 10, `${named(hosts, '')} is a critical host`)] : [];
}

function closes(facts: CaseFacts, { verdict, guards }: Assessment): string | undefined {
  if (verdict === 'benign') return 'The address is benign.';
  const [peer] = addresses(facts);
  const scanner = peer && guards.find((one) => one.list === SCANNERS && one.observable === observableId(peer));
  return scanner && verdict !== 'malicious' && !isOutbound(facts)
    ? `${scanner.reason}, and came from outside.`
    : undefined;
}

function escalates(facts: CaseFacts, { verdict }: Assessment): string | undefined {
  if (verdict === 'malicious') return 'The address is malicious.';
  return verdict === 'suspicious' && isOutbound(facts) ? 'An inside host talks to a suspicious address.' : undefined;
}

function recommend(facts: CaseFacts, { verdict }: Assessment): string[] {
  const peer = addresses(facts)[0]?.value ?? 'the address';
  const host = named(hostsOf(facts), named(valuesOf(facts, 'dest_ip'), 'the host'));
  if (verdict === 'benign') return [`Nothing to do about ${peer}; tune the rule if it fires often.`];
  if (isOutbound(facts)) {
    return [
      `Find the program on ${host} that talks to ${peer}.`,
      `Block ${peer} in both directions and search for other hosts that reached it.`,
      ...(verdict === 'malicious' ? [`Isolate ${host} until that program is known.`] : []),
    ];
  }
  return [`Block ${peer} at the perimeter.`, `Check ${host} for anything that ${peer} got an answer from.`];
}

export const suspiciousIp: Playbook = {
  type: 'suspicious_ip',
  title: 'Suspicious address',
  techniques: ['T1071', 'T1090', 'T1595', 'T1571'],
  observables: addresses,
  signals: (facts) => [...outbound(facts), ...oddPort(facts), ...criticality(facts)],
  closesWhen: closes,
  escalatesWhen: escalates,
  recommendations: recommend,
};
