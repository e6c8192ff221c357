import { product } from '../../format';
import { byWords, joined, turned, when, type Reading } from '../../readings';
import { either, shape } from '../../recognise';
import { beyondHost, entitiesIn, whatElseIsNamed } from './entities';
import { reachesOut } from './direction';

const found = entitiesIn('evidence');
const outbound = reachesOut('category');
const ip: Reading = [found.ip, 'IpAddress'];

/** Alerts of the API and of its older SIEM feed, and what was done about them (machine actions). */
export const defenderEndpoint = product({
  name: 'defender_endpoint',
  title: 'Microsoft Defender for Endpoint alert or machine action',
  reference: 'https://learn.microsoft.com/en-us/defender-endpoint/api/alerts',
  recognise: either(
    shape(['machineId', 'alertCreationTime']),
    shape(['requestor', 'machineId', 'creationDateTimeUtc']),
    shape(['AlertTitle', 'LinkToWDATP']),
  ),
  fields: {
    ...whatElseIsNamed(found),
    alert_id: ['alertId', 'id'],
    timestamp: ['alertCreationTime', 'creationDateTimeUtc', 'AlertTime'],
    severity: byWords('severity'),
    title: [
      'title',
      'AlertTitle',
      joined(
        ' ',
        turned('requestor', () => 'Machine action:'),
        'type',
      ),
    ],
    description: ['description', 'requestorComment'],
    rule_id: 'detectorId',
    hostname: ['computerDnsName', found.hostname, 'MachineName'],
    host_ip: found.host_ip,
    username: ['relatedUser.userName', found.account, 'UserName', found.process_account, 'requestor'],
    src_ip: when((document) => !outbound(document), ip),
    dest_ip: when(outbound, beyondHost(ip)),
    url: [found.url, 'Url'],
    file_hashes: [found.file_hashes, 'relatedFileInfo.fileIdentifier', 'Sha256', 'Sha1', 'Md5'],
    mitre: 'mitreTechniques',
    event_class: [
      'category',
      joined(
        ':',
        turned('requestor', () => 'machine action'),
        'type',
      ),
    ],
  },
});
