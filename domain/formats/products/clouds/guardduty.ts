import type { Document } from '../../document';
import { product } from '../../format';
import { textAt } from '../../paths';
import { bySteps, byTable, matched, turned, when, type Reading } from '../../readings';
import { shape } from '../../recognise';

const ACTIONS = [
  'networkConnectionAction',
  'portProbeAction.portProbeDetails',
  'awsApiCallAction',
  'kubernetesApiCallAction',
  'rdsLoginAttemptAction',
].map((action) => `service.action.${action}`);

const addresses = (of: string): string[] =>
  ACTIONS.flatMap((action) => [`${action}.${of}.ipAddressV4`, `${action}.${of}.ipAddressV6`]);

const remote: Reading = [
  ...addresses('remoteIpDetails'),
  'service.action.kubernetesApiCallAction.sourceIPs',
  'service.detection.sequence.endpoints.ip',
  // a sequence of attacks, and some logins, tell in words only from where
  matched('description', /(?:Tor Exit Node:|malicious IP(?: address)?:|IP address:?) ((?:\d{1,3}\.){3}\d{1,3})/i),
];
const own: Reading = [
  'resource.instanceDetails.networkInterfaces.privateIpAddress',
  'resource.instanceDetails.networkInterfaces.privateIpAddresses.privateIpAddress',
];
const local: Reading = [...addresses('localIpDetails'), own];
const remotePort: Reading = ACTIONS.map((action) => `${action}.remotePortDetails.port`);
const localPort: Reading = ACTIONS.map((action) => `${action}.localPortDetails.port`);

function leaves({ fields }: Document): boolean {
  const direction = textAt(fields, 'service.action.networkConnectionAction.connectionDirection');
  if (direction === 'INBOUND' || direction === 'OUTBOUND') return direction === 'OUTBOUND';
  return (
    textAt(fields, 'service.action.actionType') === 'DNS_REQUEST' || textAt(fields, 'service.resourceRole') === 'ACTOR'
  );
}
const arrives = (document: Document): boolean => !leaves(document);

const scanned = ['service.ebsVolumeScanDetails', 'service.malwareScanDetails'];
const files = [
  ...scanned.map((scan) => `${scan}.scanDetections.threatDetectedByName.threatNames.filePaths`),
  ...scanned.map((scan) => `${scan}.threats.itemPaths`),
];

export const guardduty = product({
  name: 'guardduty',
  title: 'Amazon GuardDuty finding',
  reference: 'https://docs.aws.amazon.com/guardduty/latest/APIReference/API_Finding.html',
  recognise: shape(
    ['type', 'severity', 'service.serviceName'],
    (fields) => textAt(fields, 'service.serviceName')?.toLowerCase() === 'guardduty',
  ),
  fields: {
    alert_id: 'id',
    timestamp: ['createdAt', 'updatedAt', 'service.eventLastSeen'],
    title: 'title',
    description: 'description',
    rule_id: 'type',
    // https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-severity.html
    severity: bySteps('severity', { low: 0, medium: 4, high: 7, critical: 9 }),
    src_ip: [when(leaves, local), when(arrives, remote)],
    src_port: [when(leaves, localPort), when(arrives, remotePort)],
    dest_ip: [when(leaves, remote), when(arrives, addresses('localIpDetails'))],
    dest_port: [when(leaves, remotePort), when(arrives, localPort)],
    hostname: [
      'resource.instanceDetails.instanceId',
      'resource.rdsDbInstanceDetails.dbInstanceIdentifier',
      'resource.kubernetesDetails.kubernetesWorkloadDetails.name',
      matched(['title', 'description'], /\bi-[0-9a-f]{8,17}\b/),
    ],
    host_ip: own,
    username: [
      'resource.accessKeyDetails.userName',
      'resource.kubernetesDetails.kubernetesUserDetails.username',
      'resource.rdsDbUserDetails.user',
      'service.runtimeDetails.process.user',
      'service.detection.sequence.actors.user.name',
      matched('title', /\b(?:IAMUser\/|Principal \w{4,20}:)([\w+=,.@-]{1,64})/),
    ],
    domain: 'service.action.dnsRequestAction.domain',
    process: ['service.runtimeDetails.process.executablePath', 'service.runtimeDetails.process.name'],
    command_line: 'service.runtimeDetails.context.commandLineExample',
    file_name: files.flatMap((file) => [
      `${file}.fileName`,
      `${file}.filePath`,
      `${file}.itemPath`,
      `${file}.objectPath`,
    ]),
    file_hashes: [...files.map((file) => `${file}.hash`), 'service.runtimeDetails.process.executableSha256'],
    outcome: [
      turned('service.action.networkConnectionAction.blocked', (blocked) =>
        `${blocked as string}` === 'true' ? 'blocked' : undefined,
      ),
      byTable(matched('type', /(?:Failed|Successful)(?=Login|BruteForce)/), {
        failed: 'failure',
        successful: 'success',
      }),
    ],
    direction: byTable('service.action.networkConnectionAction.connectionDirection', {
      INBOUND: 'inbound',
      OUTBOUND: 'outbound',
    }),
    mitre: 'description',
    event_class: 'type',
  },
});
