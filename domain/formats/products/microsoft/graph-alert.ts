import { product } from '../../format';
import { byWords, joined, matched, when, type Reading } from '../../readings';
import { either, shape } from '../../recognise';
import { textAt } from '../../paths';
import type { Document } from '../../document';
import { reachesOut } from './direction';
import { beyondHost, entitiesIn, whatElseIsNamed } from './entities';

const found = entitiesIn('evidence');
const category = reachesOut('category');
const outbound = (document: Document): boolean =>
  category(document) && /endpoint|antivirus/i.test(textAt(document.fields, 'serviceSource') ?? '');

/** Cloud Apps tells of whom it speaks in its text alone: `Alice Example (alice@contoso.example) …`. */
export const namedInText = (text: Reading): Reading =>
  matched(text, /\(([^()\s@<>]{1,64}@[a-z0-9][a-z0-9.-]{2,250})\)/i);

/** Alerts of the security API, version 2: the evidence says of what kind it is. */
export const graphAlert = product({
  name: 'microsoft_graph_alert',
  title: 'Microsoft Graph security alert (v2)',
  reference: 'https://learn.microsoft.com/en-us/graph/api/resources/security-alert',
  recognise: either(
    shape(['serviceSource', 'createdDateTime', 'evidence', 'severity']),
    shape(['@odata.type', 'createdDateTime'], (fields) => /\.security\.alert$/.test(String(fields['@odata.type']))),
  ),
  fields: {
    ...whatElseIsNamed(found),
    alert_id: ['id', 'providerAlertId'],
    timestamp: ['createdDateTime', 'firstActivityDateTime'],
    severity: byWords('severity'),
    title: 'title',
    description: 'description',
    rule_id: ['detectorId', 'alertPolicyId'],
    hostname: found.hostname,
    host_ip: found.host_ip,
    username: [found.account, found.mailbox, namedInText('description'), found.process_account],
    src_ip: [when((document) => !outbound(document), found.ip), found.sender_ip],
    dest_ip: when(outbound, beyondHost(found.ip)),
    mitre: 'mitreTechniques',
    tags: 'systemTags',
    event_class: ['category', joined('/', 'serviceSource', 'category')],
  },
});
