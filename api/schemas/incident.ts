import { z } from 'zod';
import { ACTION_STATUSES, RELATIONS } from '../../db/rows';
import { ALERT_CLASSES } from '../../domain/alert';
import { SOURCE_STATES } from '../../domain/enrichment';
import { RESOLUTIONS, STATUSES } from '../../domain/incident';
import { OBSERVABLE_FLAGS, OBSERVABLE_ROLES, OBSERVABLE_TYPES } from '../../domain/observable';
import type { ObservableId } from '../../domain/observable';
import { SEVERITIES } from '../../domain/severity';
import { RELIABILITIES } from '../../domain/signal';
import { VERDICT_STATES, VERDICTS } from '../../domain/verdict';

export const time = (): z.ZodString => z.string().meta({ format: 'date-time' });
export const sha256 = (): z.ZodString => z.string().regex(/^[0-9a-f]{64}$/);
/** `type:value`. */
export const observableName = (): z.ZodTemplateLiteral<ObservableId> =>
  z.templateLiteral([z.enum(OBSERVABLE_TYPES), ':', z.string()]);

export const linksSchema = z
  .object({
    self: z.string(),
    report: z.string(),
    report_html: z.string(),
    report_json: z.string(),
    report_md: z.string().describe('For pasting into a ticket'),
    reports: z.string().describe('Every version of the report'),
    workflow: z.string().optional().describe('The run in the Temporal UI, where that is known'),
  })
  .meta({ id: 'IncidentLinks' });

export const classificationSchema = z
  .object({
    alert_type: z.enum(ALERT_CLASSES),
    confidence: z.number().describe('0 (no idea) to 1 (the source said so)'),
    reasons: z.array(z.string()),
  })
  .meta({ id: 'Classification' });

export const correlationSchema = z
  .object({
    key: z.string().describe('Type and fields in one line'),
    fields: z.record(z.string(), z.string()).describe('What the alerts have in common'),
    window_seconds: z.number().describe('How far apart they may be, by event time'),
  })
  .nullable()
  .describe('What further alerts join by; null when nothing joins');

const relatedSchema = z
  .object({ incident_id: z.string(), relation: z.enum(RELATIONS), at: time() })
  .meta({ id: 'RelatedIncident', description: 'follows: it would have joined that one, but an analyst had closed it' });

const rawSchema = z
  .object({
    media_type: z.string(),
    json: z.unknown().optional(),
    text: z.string().optional(),
    base64: z.string().optional(),
  })
  .meta({ id: 'RawDocument', description: 'JSON where that says all the bytes say, else text, else base64' });

const holdSchema = z
  .object({ reason: z.string(), until: time(), by: z.string(), at: time() })
  .meta({ id: 'Hold', description: 'Why it rests, and until when' });

const slaSchema = z
  .object({
    ack_due: time().nullable().describe('Until when somebody is to have taken it up; null when nothing is due'),
    close_due: time().nullable(),
    acknowledged_at: time().nullable().describe('When an analyst first acknowledged, held or closed it'),
    paused: z.boolean().describe('On hold: what is due moves when it is resumed'),
    breached: z.boolean().describe('At least one clock ran out'),
    breaches: z.object({ acknowledge: time().optional(), close: time().optional() }).describe('When which one did'),
    escalated_to: z.string().nullable().describe('To whom the last breach went'),
  })
  .meta({ id: 'ServiceLevel' });

const listItem = z.object({
  id: z.string(),
  version: z.int().describe('Raised by every change; the ETag'),
  status: z.enum(STATUSES),
  resolution: z.enum(RESOLUTIONS).nullable(),
  alert_type: z.enum(ALERT_CLASSES),
  severity: z.enum(SEVERITIES),
  source: z.string(),
  title: z.string(),
  assignee: z.string().nullable(),
  verdict: z.enum(VERDICTS).describe('The one in force'),
  verdict_state: z.enum(VERDICT_STATES),
  score: z.int().nullable().describe('0–100; null before the first scoring'),
  complete: z.boolean().describe('False while a source failed or is waiting'),
  flagged: z.string().nullable().describe('Why a closed one, or one in hand, needs a second look'),
  status_by: z.string().nullable().describe("Who has set the status by hand; null while it is the machine's"),
  hold: holdSchema.nullable(),
  suppressed_by: z.string().nullable().describe('The suppression that closed it as it came'),
  closed_at: time().nullable(),
  sla: slaSchema,
  alert_count: z.int(),
  first_seen: time(),
  last_seen: time(),
  created_at: time(),
  updated_at: time(),
  links: linksSchema,
});

export const incidentListSchema = z
  .object({
    items: z.array(listItem.meta({ id: 'IncidentListItem' })),
    next_cursor: z.string().nullable(),
    links: z.object({ next: z.string().nullable() }),
  })
  .meta({ id: 'IncidentList' });

const alertSchema = z
  .looseObject({
    alert_id: z.string().describe('Ours'),
    source_alert_id: z.string().nullable(),
    source: z.string(),
    format: z.string(),
    received_at: time(),
    classification: classificationSchema,
    extra: z
      .record(z.string(), z.unknown())
      .describe('Fields of the source that are not canonical; cut where they are very long'),
    raw_sha256: sha256(),
    raw: rawSchema.optional(),
    raw_omitted: z.literal(true).optional().describe('Asked for, and too much to be shown with the rest'),
  })
  .meta({ id: 'StoredAlert', description: 'One alert: its canonical fields, and what became of it here' });

export const alertListSchema = z
  .object({
    items: z.array(alertSchema),
    next_cursor: z.string().nullable(),
    links: z.object({ next: z.string().nullable() }),
  })
  .meta({ id: 'AlertList' });

const observableSchema = z
  .object({
    type: z.enum(OBSERVABLE_TYPES),
    value: z.string(),
    roles: z.array(z.enum(OBSERVABLE_ROLES)),
    flags: z.array(z.enum(OBSERVABLE_FLAGS)),
  })
  .meta({ id: 'Observable' });

const enrichmentSchema = z
  .object({
    source: z.string(),
    observable: observableName(),
    state: z.enum(SOURCE_STATES),
    until: time().nullable().describe('When a waiting one is asked again'),
    summary: z.string(),
    at: time(),
  })
  .meta({ id: 'Enrichment' });

export const missingSchema = z
  .object({
    source: z.string(),
    observable: observableName(),
    state: z.enum(SOURCE_STATES),
    reason: z.string(),
    until: time().nullable(),
  })
  .meta({ id: 'Missing' });

export const signalSchema = z
  .object({
    source: z.string(),
    name: z.string(),
    level: z.enum(SEVERITIES),
    points: z.number(),
    reliability: z.enum(RELIABILITIES),
    evidence: z.string().describe('action_key of the audit row it rests on'),
    observable: observableName().optional(),
    numbers: z.record(z.string(), z.number()).optional().describe('What the points were reckoned from'),
    sentence: z.string(),
  })
  .meta({ id: 'Signal' });

export const auditSchema = z
  .object({
    chain: z.string(),
    incident_id: z.string().nullable(),
    seq: z.int(),
    action_key: z.string(),
    at: time(),
    action: z.string(),
    status: z.enum(ACTION_STATUSES),
    actor: z.string(),
    provider: z.string().nullable(),
    observable: z.string().nullable(),
    failures: z.int().describe('Attempts that failed before this one'),
    duration_ms: z.int(),
    summary: z.string(),
    detail: z.unknown(),
    raw_sha256: sha256().nullable(),
    workflow_run_id: z.string(),
    prev_hash: sha256(),
    hash: sha256(),
    raw: rawSchema.optional(),
    raw_omitted: z.literal(true).optional().describe('Asked for, and too much to be shown with the rest'),
  })
  .meta({ id: 'AuditRow', description: 'One finished action, chained to the one before by its hash' });

const verdictChangeSchema = z
  .object({
    at: time(),
    verdict: z.enum(VERDICTS),
    state: z.enum(VERDICT_STATES),
    score: z.int().nullable(),
    by: z.string(),
    reason: z.string(),
    in_force: z.literal(false).optional().describe("The machine's, while an analyst's was in force"),
  })
  .meta({ id: 'VerdictChange' });

const noteChangeSchema = z.object({ at: time(), by: z.string(), text: z.string() }).meta({ id: 'NoteChange' });

export const ledgerLineSchema = z
  .object({
    rule: z.string(),
    text: z.string(),
    numbers: z.record(z.string(), z.number()),
    of: z
      .object({ name: z.string(), source: z.string().optional(), observable: z.string().optional() })
      .optional()
      .describe('What it is about; absent where that is the case as a whole'),
  })
  .meta({ id: 'LedgerLine' });

const overrideSchema = z
  .object({ verdict: z.enum(VERDICTS), reason: z.string(), by: z.string(), at: time() })
  .meta({ id: 'VerdictOverride' });

export const decisionSchema = z
  .object({
    outcome: z.enum(['close', 'open', 'escalate']),
    status: z.enum(['closed', 'open', 'escalated']),
    resolution: z.enum(RESOLUTIONS).nullable(),
    reason: z.string(),
    recommendations: z.array(z.string()),
    techniques: z.array(z.string()).optional().describe('MITRE ATT&CK ids: those the alerts name, then those found'),
    due: z
      .object({ acknowledge: time(), close: time() })
      .optional()
      .describe("By the site's service levels; not there when it closes itself"),
  })
  .meta({ id: 'Decision' });

const rulesSchema = z
  .object({
    policy_version: z.string().nullable(),
    policy: z.string().describe('SHA-256 of the verdict policy'),
    site: z.string().describe('SHA-256 of the site knowledge'),
  })
  .meta({ id: 'Rules', description: "What the machine's verdict was made by" });

export const incidentSchema = listItem
  .extend({
    missing: z.array(missingSchema).describe('What the verdict lacks, and when it may come'),
    machine_verdict: z.enum(VERDICTS).nullable(),
    override: overrideSchema.nullable(),
    explanation: z.string().nullable(),
    rules: rulesSchema.nullable(),
    ledger: z.array(ledgerLineSchema).describe('Every comparison that the score and the verdict were made of'),
    verdict_timeline: z.array(verdictChangeSchema),
    correlation: correlationSchema,
    related: z.array(relatedSchema),
    classification: classificationSchema,
    decision: decisionSchema.nullable(),
    alerts: z.array(alertSchema).describe('Of more than a hundred, or of very long ones, the first and the last'),
    alerts_omitted: z.int().describe('Alerts that are left out here; see `/alerts`'),
    observables: z.array(observableSchema),
    enrichments: z.array(enrichmentSchema),
    signals: z.array(signalSchema),
    analyst_notes: z.string(),
    notes_history: z.array(noteChangeSchema).describe('Every text that the notes have had, the oldest first'),
    audit: z
      .array(auditSchema)
      .describe('Of more than a hundred accepted alerts the rows of the first and the last fifty'),
    audit_omitted: z.int(),
  })
  .meta({ id: 'Incident' });
