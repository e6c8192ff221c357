import { product } from '../../format';
import { textAt } from '../../paths';
import { byTable, byWords, matched, when, type Reading } from '../../readings';
import { either, shape } from '../../recognise';
import type { Document } from '../../document';

/** In a notification the finding stands beside its resource; the API's list gives findings alone. */
const finding = (...paths: string[]): Reading => paths.flatMap((path) => [`finding.${path}`, path]);
const property = (...paths: string[]): Reading => [
  finding(...paths.flatMap((path) => [`sourceProperties.properties.${path}`, `sourceProperties.${path}`])),
  // as Event Threat Detection writes it to Cloud Logging
  paths.map((path) => `jsonPayload.properties.${path}`),
];

const category: Reading = [finding('category'), 'jsonPayload.detectionCategory.ruleName'];

const FINDING = /^(?:organizations|folders|projects)\/[^/]+\/sources\/[^/]+\//;

/** The accused address of a contact outwards is its aim, not its origin. */
const outwards = ({ fields }: Document): boolean =>
  /^(?:C2|Malware|Malicious|Command|Crypto)/i.test(
    textAt(fields, 'finding.category') ?? textAt(fields, 'category') ?? '',
  );
const inwards = (document: Document): boolean => !outwards(document);

export const scc = product({
  name: 'gcp_scc',
  title: 'Google Security Command Center finding',
  reference: 'https://cloud.google.com/security-command-center/docs/reference/rest/v2/organizations.sources.findings',
  recognise: either(
    shape(['finding.category', 'finding.name']),
    shape(['jsonPayload.detectionCategory.ruleName', 'jsonPayload.properties']),
    shape(['category', 'name', 'parent'], (fields) => FINDING.test(textAt(fields, 'name') ?? '')),
  ),
  fields: {
    alert_id: [finding('name'), 'insertId'],
    timestamp: [finding('eventTime', 'createTime'), 'timestamp'],
    title: category,
    description: finding('description', 'sourceProperties.explanation'),
    rule_name: category,
    severity: byWords(
      finding(
        'severity',
        'sourceProperties.detectionPriority',
        'sourceProperties.SeverityLevel',
        'jsonPayload.detectionPriority',
      ),
    ),
    src_ip: [
      property('attempts.sourceIp', 'ipConnection.srcIp', 'sourceIp', 'callerIp', 'loginIp'),
      finding('connections.sourceIp', 'access.callerIp'),
      when(inwards, finding('indicator.ipAddresses'), property('ip')),
    ],
    src_port: [property('ipConnection.srcPort'), finding('connections.sourcePort')],
    dest_ip: [
      property('ipConnection.destIp', 'ipConnection.dstIp'),
      finding('connections.destinationIp'),
      when(outwards, finding('indicator.ipAddresses'), property('ip')),
    ],
    dest_port: [property('ipConnection.destPort', 'ipConnection.dstPort'), finding('connections.destinationPort')],
    hostname: [
      property('attempts.vmName', 'vmName', 'instanceName', 'VM_Instance_Name'),
      matched(property('instanceDetails', 'sourceInstanceDetails'), /\/instances\/([^/]{1,63})$/),
      finding('kubernetes.pods.name'),
      property('Pod_Name'),
      matched(
        [finding('resourceName'), 'resource.name'],
        /^\/\/compute\.googleapis\.com\/.{1,300}\/instances\/([^/]{1,63})$/,
      ),
    ],
    username: [
      property('attempts.username', 'principalEmail', 'userEmail'),
      finding('access.principalEmail', 'access.userName', 'access.principalSubject'),
    ],
    domain: [property('domain', 'domains', 'dnsContexts.queryName'), finding('indicator.domains')],
    url: finding('indicator.uris'),
    file_hashes: finding('files.sha256', 'processes.binary.sha256', 'processes.script.sha256'),
    file_name: finding('files.path'),
    process: [finding('processes.binary.path'), property('Process_Binary_Fullpath')],
    outcome: byTable(property('attempts.authResult'), { SUCCESS: 'success', FAIL: 'failure' }),
    mitre: property('contextUris.mitreUri.url'),
    event_class: [category, finding('findingClass')],
  },
});
