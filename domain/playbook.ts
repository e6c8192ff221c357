import type { Alert, AlertType } from './alert';
import type { Finding } from './enrichment';
import type { Observable } from './observable';
import type { Signal } from './signal';
import type { SiteKnowledge } from './site';
import type { Assessment } from './verdict';

/** All a playbook may look at: pure data, so that a round can be recomputed months later. */
export interface CaseFacts {
  /** The alerts of the incident, oldest first; there is at least one. */
  alerts: Alert[];
  observables: Observable[];
  findings: Finding[];
  site: SiteKnowledge;
  /** RFC 3339; the clock of the scoring round. */
  now: string;
}

/** A playbook's own signal; source, level and evidence are filled in by the scoring step. */
export type OwnSignal = Pick<Signal, 'name' | 'points' | 'reliability' | 'sentence' | 'observable'>;

/**
 * What differs between the six playbooks. Pure: the workflow, scoring, `soar eval` and re-scoring all use the same one.
 */
export interface Playbook {
  type: AlertType;
  title: string;
  /** MITRE ATT&CK techniques the playbook answers. */
  techniques: string[];
  /**
   * What to look up, the main observable first; sources outside are asked in this order as far as the budget goes.
   * Addresses of the site itself may stand here; the gate keeps them inside.
   */
  observables(facts: CaseFacts): Observable[];
  /** Signals read from the alerts themselves. */
  signals(facts: CaseFacts): OwnSignal[];
  /**
   * Which of these must each be shown clean before the verdict may be benign; by default the main one. None: only the
   * playbook's own reason makes it benign.
   */
  mustBeClean?(facts: CaseFacts): Observable[];
  /** Why the case as a whole is harmless apart from what sources say, e.g. an allow-listed admin pair. */
  clean?(facts: CaseFacts): string | undefined;
  /** Why one observable is known to be clean by what the site knows, e.g. a known destination. */
  knownClean?(facts: CaseFacts, observable: Observable): string | undefined;
  /** Why the incident may close itself, or undefined. Asked after `escalatesWhen`. */
  closesWhen(facts: CaseFacts, assessment: Assessment): string | undefined;
  /** Why a case stays open that its verdict would let close, for the decision's reason. */
  staysOpenWhen?(facts: CaseFacts, assessment: Assessment): string | undefined;
  /** Why a person must look now, or undefined. */
  escalatesWhen(facts: CaseFacts, assessment: Assessment): string | undefined;
  recommendations(facts: CaseFacts, assessment: Assessment): string[];
}
