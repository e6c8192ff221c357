import { z } from 'zod';
import { RESOLUTIONS, STATUSES } from '../../domain/incident';
import { VERDICTS } from '../../domain/verdict';
import {
  decisionSchema,
  incidentSchema,
  ledgerLineSchema,
  missingSchema,
  observableName,
  sha256,
  signalSchema,
  time,
} from './incident';

/** The JSON report and the list of its versions. What a later version adds is optional: reports that are stored stay valid. */

const auditHeadSchema = z
  .object({ seq: z.int(), hash: sha256() })
  .meta({ id: 'AuditHead', description: "The last row of the incident's audit chain when the report was made" });

const policyVersion = () => z.string().nullable().describe("The policy's version in words");

const aboutSchema = z
  .object({
    schema: z.string().meta({ format: 'uri' }).describe('Where the schema that it follows is published'),
    version: z.int().min(1),
    generated_at: time(),
    author: z.string().describe('Who made it necessary: `playbook`, or an analyst'),
    reason: z.string().describe('By what: a round, or what the analyst did'),
    incident_id: z.string(),
    simulated: z.boolean().describe("The providers' answers come from the simulator"),
    playbook: z.string(),
    audit_head: auditHeadSchema,
    policy: sha256().nullable().describe('Content hash of the verdict policy; null before the first scoring'),
    policy_version: policyVersion(),
    site: sha256().nullable().describe('Content hash of the site knowledge'),
  })
  .meta({ id: 'AboutReport' });

const guardSchema = z
  .object({
    observable: observableName(),
    list: z.string(),
    version: z.string(),
    kind: z.enum(['benign', 'shared', 'marks']),
    group: z.string().optional(),
    cap: z.number().describe('The most weighted points that all signals on the observable may add up to'),
    reason: z.string(),
  })
  .meta({ id: 'Guard' });

const assessmentSchema = z
  .object({
    verdict: z.enum(VERDICTS),
    score: z.int().min(0).max(100),
    complete: z.boolean(),
    missing: z.array(missingSchema),
    signals: z.array(signalSchema),
    guards: z.array(guardSchema),
    clean: z.array(z.string()).describe('Evidence of clean'),
    ledger: z.array(ledgerLineSchema),
    explanation: z.string(),
    version: z.string().optional().describe('Of the policy, in words'),
    policy: sha256(),
    site: sha256(),
  })
  .meta({ id: 'Assessment', description: "The machine's judgement" });

export const reportSchema = z
  .object({
    report: aboutSchema,
    incident: incidentSchema.omit({ links: true }).meta({ id: 'ReportedIncident' }),
    decision: decisionSchema.describe("What the playbook's rules say"),
    standing: z
      .object({ status: z.enum(STATUSES), resolution: z.enum(RESOLUTIONS).nullable() })
      .describe('How the incident stands when all that the report tells is done'),
    assessment: assessmentSchema.nullable(),
    recommendations: z.array(z.string()),
    given_up: z.array(z.string()).describe('`source/type:value` of lookups that closing by hand has given up'),
  })
  .meta({ id: 'Report', description: 'The incident as it stood, its verdict, and what is recommended' });

/** The JSON Schema of a report; fields that it does not know are refused. */
export const reportJsonSchema: z.core.JSONSchema.BaseSchema = z.toJSONSchema(reportSchema, { io: 'output' });

const versionSchema = z
  .object({
    version: z.int(),
    created_at: time(),
    author: z.string().nullable().describe('Who made it necessary; null in reports of before, as are those below'),
    reason: z.string().nullable(),
    verdict: z.enum(VERDICTS).nullable(),
    status: z.enum(STATUSES).nullable(),
    policy: sha256().nullable(),
    policy_version: policyVersion(),
    audit_head: auditHeadSchema,
    links: z.object({ html: z.string(), json: z.string(), md: z.string() }),
  })
  .meta({ id: 'ReportVersion' });

export const reportVersionsSchema = z.object({ items: z.array(versionSchema) }).meta({ id: 'ReportVersions' });
