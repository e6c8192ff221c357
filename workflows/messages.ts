import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { Status } from '../domain/incident';
import type { Verdict } from '../domain/verdict';

/** What an incident's workflow is started with; everything else it reads from MySQL. */
export interface IncidentInput {
  incidentId: string;
}

/** What a run ends with: the incident closed, or another run took it over. */
export interface IncidentOutcome {
  status: Status | 'superseded';
  resolution: string | null;
  verdict: Verdict;
}

/** How far the run is, for people who look at it in the Temporal UI. */
export interface Progress {
  round: number;
  step: string;
  status: Status;
  verdict: Verdict;
  score: number | null;
  explanation: string;
}

/** Further alerts joined the incident; they stand in MySQL, one signal may speak for many. */
export const alertsJoinedSignal = defineSignal('alertsJoined');

export const progressQuery = defineQuery<Progress>('progress');
