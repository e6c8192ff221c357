import type { Format } from '../../format';
import { azureActivity } from './azure-activity';
import { azureFirewall } from './azure-firewall';
import { azureMonitor } from './azure-monitor';
import { cloudApps } from './cloud-apps';
import { defenderAntivirus } from './defender-antivirus';
import { defenderCloudFinding } from './defender-cloud-finding';
import { defenderEndpoint } from './defender-endpoint';
import { defenderIncident } from './defender-incident';
import { entraId } from './entra-id';
import { graphAlert } from './graph-alert';
import { graphAlertV1 } from './graph-alert-v1';
import { messageTrace } from './message-trace';
import { officeAudit } from './office-audit';
import { securityAlert, sentinelIncident } from './sentinel';
import { xdrEvent } from './xdr-event';

/** Of Microsoft; Entra ID and the firewalls before the activity log, whose envelope they share. */
export const MICROSOFT: readonly Format[] = [
  ...[defenderEndpoint, graphAlert, graphAlertV1, defenderIncident, xdrEvent, defenderAntivirus],
  ...[azureMonitor, sentinelIncident, securityAlert, defenderCloudFinding, cloudApps],
  ...[officeAudit, messageTrace, entraId, azureFirewall, azureActivity],
];
