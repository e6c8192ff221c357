import type { Decision } from '../../domain/incident';
import type { Assessment } from '../../domain/verdict';
import type { IncidentView } from '../../db/views';
import { givenUp } from './casework';
import { standingOf } from './input';
import type { ReportInput } from './input';

/**
 * The JSON report. Texts stand as they came: whoever shows them escapes them. The API publishes its schema, to which
 * later versions only add.
 */
export interface JsonReport {
  report: {
    /** Where its JSON Schema is published. */
    schema: string;
    version: number;
    generated_at: string;
    /** Who has made it necessary, the playbook or an analyst, and by what. */
    author: string;
    reason: string;
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
  /** `source/type:value` of lookups that are not waited for any more, since the incident was closed by hand. */
  given_up: string[];
}

export function jsonReport(input: ReportInput): JsonReport {
  return {
    report: {
      schema: `${input.publicUrl}/schemas/report.json`,
      version: input.version,
      generated_at: input.generatedAt,
      author: input.author,
      reason: input.reason,
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
    given_up: givenUp(input.view),
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
