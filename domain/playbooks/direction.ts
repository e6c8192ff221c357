import { staysInside } from '../observable';
import type { CaseFacts } from '../playbook';

/** Outbound: said so, or from an inside address to one outside. */
export function isOutbound({ alerts, observables }: CaseFacts): boolean {
  if (alerts.some(({ direction }) => direction === 'outbound')) return true;
  if (alerts.some(({ direction }) => direction !== undefined)) return false;
  const ips = observables.filter(({ type }) => type === 'ip');
  const inside = ips.some((ip) => ip.roles.includes('source') && staysInside(ip));
  return inside && ips.some((ip) => ip.roles.includes('destination') && !staysInside(ip));
}

/** Inbound: every alert says so, or says nothing and a public address is the source. */
export function isInbound(facts: CaseFacts): boolean {
  const { alerts, observables } = facts;
  if (alerts.some(({ direction }) => direction !== undefined && direction !== 'inbound')) return false;
  if (alerts.every(({ direction }) => direction === 'inbound')) return true;
  const outside = observables.some((one) => one.type === 'ip' && one.roles.includes('source') && !staysInside(one));
  return outside && !isOutbound(facts);
}
