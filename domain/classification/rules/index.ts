import { z } from 'zod';
import { classificationRuleSchema, type ClassificationRule } from '../rule';
import clouds from './clouds.json';
import endpoint from './endpoint.json';
import general from './general.json';
import microsoft from './microsoft.json';
import identity from './identity.json';
import mail from './mail.json';
import network from './network.json';
import siem from './siem.json';
import wazuh from './wazuh.json';
import windows from './windows.json';

/** The table as it is shipped: one file for what holds for all, and one for each family of products. */
const FILES: readonly unknown[] = [general, clouds, endpoint, identity, mail, network, siem, wazuh, windows, microsoft];

/** Checked when it is loaded: a row that is spelled wrong must not go unnoticed. */
export const RULES: readonly ClassificationRule[] = FILES.flatMap((file) =>
  z.array(classificationRuleSchema).parse(file),
);
