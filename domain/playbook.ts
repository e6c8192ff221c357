import type { Told } from './about';
import type { Alert, AlertType } from './alert';
import type { CorrelationFields } from './correlation-values';
import type { EARLIER_SOURCE, EarlierIncident } from './earlier';
import type { Finding } from './enrichment';
import type { Observable } from './observable';
import type { Signal } from './signal';
import type { SiteKnowledge } from './site';
import type { PlaybookTechnique } from './techniques';
import type { Assessment } from './verdict';

/** An alert of a case; alerts that say the same stand there once. */
export type CaseAlert = Alert & {
  /** How many say just this; absent = one. */
  times?: number;
};

/** All a playbook may look at: pure data, so that a round can be recomputed months later. */
export interface CaseFacts {
  /** The alerts of the incident, oldest first; there is at least one. */
  alerts: CaseAlert[];
  observables: Observable[];
  findings: Finding[];
  /** What sources say the observables are, apart from whether they do harm. */
  told: Told[];
  /** Other incidents of the last day that share something with this one, as they stood. */
  earlier: EarlierIncident[];
  site: SiteKnowledge;
  /** RFC 3339; the clock of the scoring round. */
  now: string;
}

/** A playbook's own signal; source, level and, where it has none of its own, evidence are filled in by the scoring step. */
export type OwnSignal = Pick<Signal, 'name' | 'points' | 'reliability' | 'sentence' | 'observable'> &
  Partial<Pick<Signal, 'evidence' | 'numbers'>> & {
    /** Default `playbook`: read from the alerts, which can claim anything. */
    source?: typeof EARLIER_SOURCE;
  };

/** How alerts that do not name their type are known to belong to a playbook. */
export interface Recognition {
  /** MITRE ATT&CK techniques; their sub-techniques count too. */
  techniques: readonly string[];
  /** Literal words with bounded gaps only: alerts are written by strangers. */
  words: RegExp;
  fields?: readonly FieldRule[];
}

export interface FieldRule {
  /** 0–1: how often the rule alone is right. */
  confidence: number;
  /** Completes "it belongs there because …". */
  reason: string;
  holds: (alert: Alert) => boolean;
}

/**
 * What differs between the playbooks. Pure: the workflow, scoring, `soar eval` and re-scoring all use the same one.
 */
export interface Playbook {
  type: AlertType;
  title: string;
  /** Completes the title of an alert that has none: ` on root from 192.0.2.1`. */
  headline: (alert: Alert) => string;
  /** MITRE ATT&CK techniques the playbook answers, and which of its signals tell of each. */
  techniques: readonly PlaybookTechnique[];
  recognisedBy: Recognition;
  /**
   * What ties further alerts to the same incident: named fields in one spelling, the one that matters most first. Undefined
   * where the alert names nothing that is one somebody's.
   */
  correlatesBy(alert: Alert, site: SiteKnowledge): CorrelationFields | undefined;
  /**
   * What to look up, the main observable first; sources outside are asked in this order as far as the budget goes.
   * Addresses of the site itself may stand here; the gate keeps them inside.
   */
  observables(facts: CaseFacts): Observable[];
  /** Signals read from the alerts, with what the site knows, what sources tell and what happened before. */
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
