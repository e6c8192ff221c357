import { PLAYBOOK_SOURCE } from './combine';
import type { Decision } from './incident';
import type { CaseFacts, Playbook } from './playbook';
import { techniquesOf } from './techniques';
import type { Assessment } from './verdict';

function openReason(playbook: Playbook, facts: CaseFacts, assessment: Assessment): string {
  const { verdict, complete } = assessment;
  const own = playbook.staysOpenWhen?.(facts, assessment);
  if (own !== undefined) return own;
  if (!complete) return `The verdict is ${verdict} and sources are outstanding: the incident stays open.`;
  if (verdict === 'unknown') return 'The verdict is unknown: an analyst looks when there is time.';
  return `The verdict is ${verdict}, and neither the rule for closing nor the one for escalating applies.`;
}

/**
 * What becomes of the incident: escalated when the playbook's rule says a person must look now; closed when its other
 * rule says so, which is never asked while the verdict is unknown or a source is waited for; else open.
 */
export function decide(playbook: Playbook, facts: CaseFacts, assessment: Assessment): Decision {
  const recommendations = playbook.recommendations(facts, assessment);
  const alerted = facts.alerts.flatMap(({ mitre = [] }) => mitre);
  const own = assessment.signals.filter(({ source }) => source === PLAYBOOK_SOURCE);
  const told = { recommendations, techniques: techniquesOf(alerted, playbook.techniques, own) };
  const alarm = playbook.escalatesWhen(facts, assessment);
  if (alarm !== undefined) {
    return { outcome: 'escalate', status: 'escalated', resolution: null, reason: alarm, ...told };
  }
  // one that has failed for good is missed only where its answer is required, and then nothing is benign
  const awaited = assessment.missing.some(({ state }) => state === 'waiting');
  const settled = !awaited && assessment.verdict !== 'unknown';
  const relief = settled ? playbook.closesWhen(facts, assessment) : undefined;
  if (relief !== undefined) {
    return { outcome: 'close', status: 'closed', resolution: 'auto_benign', reason: relief, ...told };
  }
  const reason = openReason(playbook, facts, assessment);
  return { outcome: 'open', status: 'open', resolution: null, reason, ...told };
}
