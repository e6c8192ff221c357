import { product } from '../../format';
import { byWords, hostOf, joined } from '../../readings';
import { either, shape } from '../../recognise';

/** The security API's first version, which speaks of states of users, hosts, files and connections. */
export const graphAlertV1 = product({
  name: 'microsoft_graph_alert_v1',
  title: 'Microsoft Graph security alert (legacy)',
  reference: 'https://learn.microsoft.com/en-us/graph/api/resources/alert',
  recognise: either(
    shape(['vendorInformation.provider', 'eventDateTime', 'severity']),
    shape(['vendorInformation_provider', 'eventDateTime', 'severity']),
  ),
  fields: {
    alert_id: 'id',
    timestamp: ['eventDateTime', 'createdDateTime'],
    severity: byWords('severity'),
    title: 'title',
    description: 'description',
    hostname: ['hostStates.fqdn', 'hostStates.netBiosName'],
    host_ip: 'hostStates.privateIpAddress',
    username: ['userStates.userPrincipalName', 'userStates.accountName'],
    src_ip: ['userStates.logonIp', 'networkConnections.sourceAddress'],
    src_port: 'networkConnections.sourcePort',
    dest_ip: 'networkConnections.destinationAddress',
    dest_port: 'networkConnections.destinationPort',
    domain: [
      'networkConnections.destinationDomain',
      hostOf(['networkConnections.destinationUrl', 'uriClickSecurityStates.uriDomain']),
    ],
    url: 'networkConnections.destinationUrl',
    file_hashes: ['fileStates.fileHash.hashValue', 'processes.fileHash.hashValue'],
    file_name: ['fileStates.name', 'processes.name'],
    process: 'processes.name',
    parent_process: 'processes.parentProcessName',
    command_line: 'processes.commandLine',
    email_from: 'messageSecurityStates.networkMessageSender',
    email_to: 'userStates.emailRecipient',
    tags: 'tags',
    event_class: ['category', joined('/', ['vendorInformation.provider', 'vendorInformation_provider'], 'category')],
  },
});
