import { z } from 'zod';

export const rescoreParams = z.object({
  id: z
    .string()
    .regex(/^RSC-[0-9A-HJKMNP-TV-Z]{10}$/)
    .describe('Id of the re-scoring, such as RSC-7Q2M4X9K0T'),
});

export const suppressionParams = z.object({
  id: z
    .string()
    .regex(/^SUP-[0-9A-HJKMNP-TV-Z]{10}$/)
    .describe('Id of the suppression, such as SUP-7Q2M4X9K0T'),
});

export const incidentParams = z.object({
  id: z
    .string()
    .regex(/^INC-[0-9A-HJKMNP-TV-Z]{10}$/)
    .describe('Id of the incident, such as INC-7Q2M4X9K0T'),
});

export const auditParams = z.object({
  chain: z
    .string()
    .regex(/^(?:system|INC-[0-9A-HJKMNP-TV-Z]{10})$/)
    .describe('`system`, or the id of an incident'),
});

export const iocParams = z.object({
  id: z
    .string()
    .regex(/^[1-9]\d{0,14}$/)
    .transform(Number)
    .describe('Id of the entry'),
});

export const sightingParams = iocParams.extend({ source: z.string().describe('Name of the source') });

/** Without control characters, and blanks around it. */
const SOURCE_NAME = /^(?!\s)\P{Cc}{1,190}(?<!\s)$/u;

export const sourceParams = z.object({ name: z.string().regex(SOURCE_NAME).describe('Name of the source') });

export const importParams = z.object({
  id: z
    .string()
    .regex(/^IMP-[0-9A-HJKMNP-TV-Z]{10}$/)
    .describe('Id of the import, such as IMP-7Q2M4X9K0T'),
});
