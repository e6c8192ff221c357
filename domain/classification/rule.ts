import { z } from 'zod';
import { ALERT_CLASSES } from '../alert';

/** What a rule looks at, in the order in which the kinds decide. */
export const TIERS = ['signature', 'groups', 'technique', 'event_class', 'text'] as const;
export type Tier = (typeof TIERS)[number];

/** How often a rule of the kind alone is right, where it does not say so itself. */
export const TIER_CONFIDENCE: Readonly<Record<Tier, number>> = {
  signature: 0.9,
  groups: 0.8,
  technique: 0.85,
  event_class: 0.85,
  text: 0.7,
};

const patterns = z
  .array(z.string().trim().min(1).max(200), { error: 'must be a list of texts' })
  .min(1, 'must not be empty')
  .optional();

/**
 * One row of the classification table, as it stands in `rules/*.json` and in the site file. It looks at one or more of:
 *
 * - `signature`: the rule's id, or its name (`*` stands for anything, case does not matter);
 * - `groups`: tags and rule groups, likewise;
 * - `technique`: MITRE ATT&CK ids; sub-techniques count too;
 * - `event_class`: what the product calls this kind of event, likewise with `*`;
 * - `text`: words in rule name, title, description; each pattern is a phrase of whole words, of which `*` lets a word go on.
 */
export const classificationRuleSchema = z
  .strictObject({
    type: z.enum(ALERT_CLASSES).describe('`unclassified`: none of the six playbooks is for this'),
    format: z
      .union([z.string(), z.array(z.string())])
      .optional()
      .describe('Only alerts of these formats; default: all'),
    signature: patterns,
    groups: patterns,
    technique: patterns,
    event_class: patterns,
    text: patterns,
    if: z
      .record(z.string(), z.union([z.string(), z.array(z.string())]))
      .optional()
      .describe('Only alerts whose fields have these values, such as {"outcome": "success"}; `*` stands for anything'),
    confidence: z.number().min(0).max(0.95).optional().describe('How often it is right, 0–0.95'),
    why: z.string().optional().describe('Where that is known from'),
  })
  .refine((rule) => TIERS.some((tier) => rule[tier] !== undefined), `must name one of ${TIERS.join(', ')}`);

export type ClassificationRule = z.infer<typeof classificationRuleSchema>;
