import type { Decision } from '../../domain/incident';
import type { Assessment } from '../../domain/verdict';
import type { IncidentView } from '../../db/views';
import { standingOf } from './input';
import type { ReportInput } from './input';

/** The JSON report. Texts stand as they came: whoever shows them escapes them. */
export interface JsonReport {
  report: {
    version: number;
    generated_at: string;
    incident_id: string;
    simulated: boolean;
    playbook: string;
    audit_head: { seq: number; hash: string };
    /** Content hashes of what the verdict was made with; null before the first scoring round. */
    policy: string | null;
    /** The policy's version in words. */
    policy_version: string | null;
    site: string | null;
  };
  incident: IncidentView;
  /** What the playbook's rules say. */
  decision: Decision;
  /** How the incident stands after the round. */
  standing: ReturnType<typeof standingOf>;
  assessment: Assessment | null;
  recommendations: string[];
}

export function jsonReport(input: ReportInput): JsonReport {
  return {
    report: {
      version: input.version,
      generated_at: input.generatedAt,
      incident_id: input.view.id,
      simulated: input.simulated,
      playbook: input.playbookTitle,
      audit_head: input.head,
      policy: input.assessment?.policy ?? null,
      policy_version: input.assessment?.version ?? null,
      site: input.assessment?.site ?? null,
    },
    incident: withoutRaw(input.view),
    decision: input.decision,
    standing: standingOf(input),
    assessment: input.assessment,
    recommendations: input.decision.recommendations,
  };
}

/** Raw documents are evidence with a road of their own (`?include=raw`); a report that travels leaves them at home. */
function withoutRaw(view: IncidentView): IncidentView {
  const strip = <T extends object>(item: T): T => {
    const copy: T & { raw?: unknown; raw_omitted?: unknown } = { ...item };
    delete copy.raw;
    delete copy.raw_omitted;
    return copy;
  };
  return { ...strip(view), alerts: view.alerts.map(strip), audit: view.audit.map(strip) };
}
