/**
 * The workflow types, under the names operators see. Every playbook runs on the one base; what differs between them is
 * pure and stands in `domain/playbooks/`.
 */
export {
  runIncident as bruteForcePlaybook,
  runIncident as malwarePlaybook,
  runIncident as phishingPlaybook,
  runIncident as suspiciousIpPlaybook,
  runIncident as lateralMovementPlaybook,
  runIncident as dataExfilPlaybook,
} from './incident';
export { deliverNotices } from './deliver-notices';
export { rescoreIncidents } from './rescore';
export { importIocs } from './import-iocs';
export { pollFeed } from './poll-feed';
