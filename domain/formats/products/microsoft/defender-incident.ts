import { product } from '../../format';
import type { Document } from '../../document';
import { textAt, valuesAt } from '../../paths';
import { byWords, joined, when, type Reading } from '../../readings';
import { either, shape } from '../../recognise';
import { reachesOut } from './direction';
import { beyondHost, entitiesIn, whatElseIsNamed } from './entities';
import { namedInText } from './graph-alert';

const found = entitiesIn('alerts.entities', 'alerts.evidence');
const category = reachesOut('alerts.category');
const outbound = (document: Document): boolean =>
  category(document) && /endpoint|atp/i.test(textAt(document.fields, 'alerts.serviceSource') ?? '');

/** An incident of one alert is that alert; of several, their story, which has its own name, severity and id. */
const ofOne = (ofAlert: Reading, ofIncident: Reading): Reading => [
  when(({ fields }) => valuesAt(fields, 'alerts').length === 1, ofAlert),
  ofIncident,
];

export const defenderIncident = product({
  name: 'defender_xdr_incident',
  title: 'Microsoft Defender XDR (365 Defender) incident',
  reference: 'https://learn.microsoft.com/en-us/defender-xdr/api-list-incidents',
  recognise: either(
    shape(['incidentId', 'incidentName', 'createdTime']),
    shape(['@odata.type'], (fields) => /\.security\.incident$/.test(String(fields['@odata.type']))),
    shape(['incidentWebUrl', 'displayName', 'createdDateTime']),
  ),
  fields: {
    ...whatElseIsNamed(found),
    alert_id: ofOne(['alerts.alertId', 'alerts.id'], ['incidentId', 'id']),
    timestamp: ofOne(['alerts.creationTime', 'alerts.createdDateTime'], ['createdTime', 'createdDateTime']),
    severity: byWords(ofOne('alerts.severity', 'severity')),
    title: ofOne('alerts.title', ['incidentName', 'displayName', 'alerts.title']),
    description: [ofOne('alerts.description', 'description'), 'summary', 'alerts.description'],
    hostname: [found.hostname, 'alerts.devices.deviceDnsName'],
    host_ip: found.host_ip,
    username: [found.account, found.mailbox, namedInText('alerts.description'), found.process_account],
    src_ip: [when((document) => !outbound(document), found.ip), found.sender_ip],
    dest_ip: when(outbound, beyondHost(found.ip)),
    mitre: 'alerts.mitreTechniques',
    tags: ['tags', 'customTags'],
    event_class: ['alerts.category', joined('/', 'alerts.serviceSource', 'alerts.category')],
  },
});
