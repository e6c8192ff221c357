import { product } from '../../format';
import type { Document } from '../../document';
import { textAt } from '../../paths';
import { byTable, byWords, matched, type Reading } from '../../readings';
import { either, shape } from '../../recognise';

const CLAIMS = ['identity.claims', 'claims'];
const CLAIM = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims';

const named = (name: string): Reading => [`${name}.value`, name];
const operation = ({ fields }: Document): string =>
  (textAt(fields, 'operationName.value') ?? textAt(fields, 'operationName') ?? '').toLowerCase();

const OPENED =
  /"(?:allowBlobPublicAccess"\s{0,4}:\s{0,4}true|publicNetworkAccess"\s{0,4}:\s{0,4}"Enabled|publicAccess"\s{0,4}:\s{0,4}"(?:Blob|Container)|defaultAction"\s{0,4}:\s{0,4}"Allow)/i;

/** What a change makes of a resource is told only by the request. */
const change: Reading = (document) => {
  const body = textAt(document.fields, 'properties.requestbody') ?? '';
  const opened = operation(document).startsWith('microsoft.storage/') && OPENED.test(body.slice(0, 20_000));
  return [{ value: opened ? 'storage opened to the public' : 'audit', pointer: '' }];
};

/** The activity log of subscriptions, and the logs of resources in the same envelope. */
export const azureActivity = product({
  name: 'azure_activity',
  title: 'Azure activity or resource log',
  reference: 'https://learn.microsoft.com/en-us/azure/azure-monitor/platform/activity-log-schema',
  recognise: either(
    shape(['operationName', 'resourceId', 'category'], ({ resourceId }) => String(resourceId).startsWith('/')),
    shape(['operationName', 'callerIpAddress', 'category']),
    shape(['operationName', 'callerIpAddress', 'resourceId']),
    shape(['operationName.value', 'eventTimestamp']),
    shape(['authorization.action', 'operationName', 'eventTimestamp']),
    shape(['OperationNameValue', 'CallerIpAddress']),
  ),
  fields: {
    alert_id: 'eventDataId',
    timestamp: ['eventTimestamp', 'time', 'timestamp', 'TimeGenerated'],
    severity: byWords(['properties.severity', 'level'], { verbose: 'low' }),
    title: ['operationName.localizedValue', named('operationName'), 'OperationNameValue'],
    description: ['description', 'resultDescription', 'properties.message', 'properties.statusMessage'],
    hostname: matched(['resourceId', 'properties.resourceId'], /\/virtualmachines\/(\d{0,20}[a-z][^/]{0,80})/i),
    username: [
      'caller',
      CLAIMS.flatMap((claims) => [`${claims}.${CLAIM}/upn`, `${claims}.${CLAIM}/name`, `${claims}.name`]),
      'identity.upn',
    ],
    src_ip: ['callerIpAddress', 'httpRequest.clientIpAddress'],
    outcome: byTable([named('status'), 'resultType', 'resultSignature'], {
      Succeeded: 'success',
      Success: 'success',
      Failed: 'failure',
      Failure: 'failure',
    }),
    event_class: [named('operationName'), 'OperationNameValue', change, 'statusText'],
  },
});
