import { z } from 'zod';

export const IOC_TYPES = ['ip', 'domain', 'url', 'md5', 'sha1', 'sha256', 'email'] as const;

const sightingSchema = z.object({
  source: z.string(),
  confidence: z.number().describe('0–100, as the source gave it'),
  first_seen: z.string(),
  last_seen: z.string(),
  expires_at: z.string().nullable(),
  tlp: z.string().nullable(),
  tags: z.array(z.string()),
  reference: z.string().nullable(),
});

const matchSchema = z.object({
  type: z.string(),
  value: z.string(),
  match: z.enum(['exact', 'cidr', 'parent_domain', 'url_host']),
  confidence: z.number().describe('What age has left of it, 0–100; 0 is expired'),
  base_confidence: z.number(),
  expired: z.boolean(),
  last_seen: z.string(),
  expires_at: z.string().nullable(),
  sources: z.array(sightingSchema),
});

/** Answer of `GET /ioc/lookup`. */
export const iocAnswerSchema = z
  .object({
    found: z.boolean().describe('True when an entry matches, expired ones included'),
    type: z.enum(IOC_TYPES),
    value: z.string().describe('As it is spelled inside'),
    confidence: z.number().describe('The highest that is left among the matches, 0–100'),
    matches: z.array(matchSchema),
    sources: z.array(z.string()).describe('Names of everybody who reported it'),
    warning_lists: z.array(
      z.object({
        list: z.string(),
        version: z.string(),
        kind: z.enum(['benign', 'shared', 'marks']),
        reason: z.string(),
      }),
    ),
    incidents: z.array(z.string()).describe('Incidents that hold the value, newest first'),
  })
  .meta({ id: 'IocAnswer' });
