import type { Alert, AlertClass } from './alert';
import { PLAYBOOKS } from './playbooks';
import { phrase } from './playbooks/phrase';

/** Longest title that is shown and stored; the alert keeps its own whole. */
const LONGEST = 255;

function compose(alert: Alert, type: AlertClass): string {
  if (type !== 'unclassified') return `${PLAYBOOKS[type].title}${PLAYBOOKS[type].headline(alert)}`;
  return `Unclassified alert${phrase({ of: alert.rule_name }) || phrase({ from: alert.source })}`;
}

/** Collapses control characters, which would break lines of queues and logs. */
function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex
  const flat = text.replace(/[\u0000-\u001f\u007f\u2028\u2029]{1,99}/g, ' ').trim();
  return flat.length > LONGEST ? `${flat.slice(0, LONGEST - 1).replace(/[\ud800-\udbff]$/, '')}…` : flat;
}

/** The alert's own title, else one made from its type and who did what to whom. One line, at most 255 characters. */
export function titleOf(alert: Alert, type: AlertClass): string {
  const own = oneLine(alert.title ?? '');
  return own === '' ? oneLine(compose(alert, type)) : own;
}
