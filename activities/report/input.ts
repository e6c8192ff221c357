import type { IncidentView } from '../../db/views';
import { standingAfter } from '../../domain/incident';
import type { Decision } from '../../domain/incident';
import type { SourceProfile } from '../../domain/source';
import type { Assessment } from '../../domain/verdict';

/** All that a report is made of. The same input gives the same bytes. */
export interface ReportInput {
  /** The incident as `GET /incidents/:id` shows it; raw documents are left out of the report. */
  view: IncidentView;
  decision: Decision;
  /** True when the incident stands already as it will; default: the decision is still to be carried out. */
  concluded?: boolean;
  /** Null before the first scoring round. */
  assessment: Assessment | null;
  playbookTitle: string;
  /** Names sources as people know them. */
  sources: readonly SourceProfile[];
  /** RFC 3339 in UTC. */
  generatedAt: string;
  /** 1 for the first report of the incident. */
  version: number;
  /** Who has made it necessary, the playbook or an analyst, and by what. */
  author: string;
  reason: string;
  /** Head of the incident's audit chain when the report was made. */
  head: { seq: number; hash: string };
  /** True when the providers' answers came from the simulator. */
  simulated: boolean;
  /** Where the API is reached, without a slash at the end. */
  publicUrl: string;
}

/** How the incident stands when all that the report tells is done. */
export function standingOf({ view, decision, concluded = false }: ReportInput): ReturnType<typeof standingAfter> {
  return concluded ? { status: view.status, resolution: view.resolution } : standingAfter(view, decision);
}
