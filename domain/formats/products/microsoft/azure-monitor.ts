import { product } from '../../format';
import { byTable, inList, joined, matched, turned, type Reading } from '../../readings';
import { shape } from '../../recognise';

const ESSENTIALS = 'data.essentials';
const CONTEXT = 'data.alertContext';

/** What a rule that searches logs split its results by. */
const dimension = (name: RegExp): Reading =>
  inList(`${CONTEXT}.condition.allOf.dimensions`, (each) => name.test(String(each.name)), 'value');

/** Alerts of every kind as action groups send them: of metrics, log searches, the activity log, service health. */
export const azureMonitor = product({
  name: 'azure_monitor',
  title: 'Azure Monitor alert (common alert schema)',
  reference: 'https://learn.microsoft.com/en-us/azure/azure-monitor/alerts/alerts-common-schema',
  recognise: shape(
    ['schemaId', `${ESSENTIALS}.severity`],
    ({ schemaId }) => String(schemaId).toLowerCase() === 'azuremonitorcommonalertschema',
  ),
  fields: {
    alert_id: [`${ESSENTIALS}.alertId`, `${ESSENTIALS}.originAlertId`],
    timestamp: [`${ESSENTIALS}.firedDateTime`, `${CONTEXT}.eventTimestamp`],
    title: `${ESSENTIALS}.alertRule`,
    description: `${ESSENTIALS}.description`,
    rule_id: `${ESSENTIALS}.alertRuleID`,
    rule_name: `${ESSENTIALS}.alertRule`,
    severity: byTable(`${ESSENTIALS}.severity`, {
      Sev0: 'critical',
      Sev1: 'high',
      Sev2: 'medium',
      Sev3: 'low',
      Sev4: 'low',
    }),
    hostname: [
      dimension(/^(?:Computer|HostName|DeviceName)$/i),
      matched(`${ESSENTIALS}.alertTargetIDs`, /\/virtualMachines\/([^/]{1,100})/i),
    ],
    username: [dimension(/^(?:Account|TargetUserName|UserPrincipalName|Caller)$/i), `${CONTEXT}.caller`],
    src_ip: [
      dimension(/^(?:IPAddress|ClientIP|SourceIP|CallerIpAddress|RemoteIP)$/i),
      `${CONTEXT}.claims.ipaddr`,
      `${CONTEXT}.httpRequest.clientIpAddress`,
    ],
    event_class: [
      turned(`${ESSENTIALS}.monitoringService`, (value) => `service/${String(value)}`),
      joined(
        '/',
        turned(`${ESSENTIALS}.signalType`, () => 'signal'),
        `${ESSENTIALS}.signalType`,
      ),
      `${CONTEXT}.operationName`,
    ],
  },
});
