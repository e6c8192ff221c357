import { PLAYBOOK_SOURCE } from '../../domain/combine';
import type { SourceState } from '../../domain/enrichment';
import type { Decision, Resolution, Status } from '../../domain/incident';
import type { Severity } from '../../domain/severity';
import type { Verdict, VerdictState } from '../../domain/verdict';
import { titleOfSource, type SourceProfile } from '../../domain/source';

/** The words a report uses for the names of the domain. */

export const VERDICT_WORDS: Record<Verdict, string> = {
  benign: 'Benign',
  suspicious: 'Suspicious',
  malicious: 'Malicious',
  unknown: 'Unknown',
};

const CIRCLE = 'M12 1a11 11 0 1 0 0 22 11 11 0 0 0 0-22z';

/** SVG paths in a box of 24: octagon, triangle, ticked circle, questioned circle. */
export const VERDICT_SIGNS: Record<Verdict, string> = {
  malicious: 'M8 1h8l7 7v8l-7 7H8l-7-7V8zM12 6v7M12 17v.5',
  suspicious: 'M12 2l11 19.5H1zM12 9v6M12 18v.5',
  benign: `${CIRCLE}M7 12.5l3.5 3.5 6.5-7`,
  unknown: `${CIRCLE}M9 9.5a3 3 0 1 1 4.2 2.8c-.8.4-1.2.9-1.2 1.9M12 17.5v.5`,
};

export const VERDICT_STATE_WORDS: Record<VerdictState, string> = {
  pending: 'Not scored yet',
  provisional: 'Provisional: it may change when the missing answers come',
  final: 'Final',
  overridden: 'Set by an analyst',
};

export const OUTCOME_WORDS: Record<Decision['outcome'], string> = {
  close: 'Closed by the playbook',
  open: 'Left open for an analyst',
  escalate: 'Escalated: a person must look now',
};

/** What the rules say, where a person has said otherwise. */
export const RULED_WORDS: Record<Decision['outcome'], string> = {
  close: 'close it',
  open: 'leave it open',
  escalate: 'escalate it',
};

export const STATUS_WORDS: Record<Status, string> = {
  new: 'new',
  investigating: 'investigating',
  open: 'open',
  escalated: 'escalated',
  acknowledged: 'acknowledged',
  on_hold: 'on hold',
  closed: 'closed',
};

export const RESOLUTION_WORDS: Record<Resolution, string> = {
  auto_benign: 'benign by rule',
  true_positive: 'true positive',
  benign_true_positive: 'benign true positive',
  false_positive: 'false positive',
  duplicate: 'duplicate',
};

export const SOURCE_STATE_WORDS: Record<SourceState, string> = {
  ok: 'answered',
  not_known: 'asked, nothing known',
  not_applicable: 'nothing to ask',
  not_configured: 'no key configured',
  not_sent: 'kept inside, not asked',
  waiting: 'waiting',
  failed: 'failed',
};

/** Levels carry a bar of their own, so that colour is never needed to tell them apart. */
export const LEVEL_BARS: Record<Severity, string> = {
  low: '■□□□',
  medium: '■■□□',
  high: '■■■□',
  critical: '■■■■',
};

export function sourceTitle(sources: readonly SourceProfile[], source: string): string {
  return source === PLAYBOOK_SOURCE ? 'Playbook' : titleOfSource(sources, source);
}

/** `data_exfil` → `data exfil`. */
export function spaced(name: string): string {
  return name.replaceAll('_', ' ');
}
