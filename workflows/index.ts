import { ALERT_TYPES } from '../domain/alert';
import { workflowType } from '../domain/names';
import { runIncident } from './incident';

/**
 * The workflow types, under the names operators see: `bruteForcePlaybook`, `malwarePlaybook` … Every playbook runs on the
 * one base; what differs between them is pure and stands in `domain/playbooks/`.
 */
export = Object.fromEntries(ALERT_TYPES.map((type) => [workflowType(type), runIncident]));
