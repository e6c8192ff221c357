import { z } from 'zod';
import { classificationRuleSchema, type ClassificationRule } from '../rule';
import general from './general.json';

/** The table as it is shipped: one file for what holds for all, and one for each family of products. */
const FILES: readonly unknown[] = [general];

/** Checked when it is loaded: a row that is spelled wrong must not go unnoticed. */
export const RULES: readonly ClassificationRule[] = FILES.flatMap((file) =>
  z.array(classificationRuleSchema).parse(file),
);
