import type { Document } from '../../document';
import { product } from '../../format';
import { textAt } from '../../paths';
import { bySteps, byTable, byWords, fromSyslog, joined, matched, turned, when, type Reading } from '../../readings';
import { CEF_FIELDS, cefOf } from '../../standards/cef';
import { PANOS_OUTCOMES } from './panos';

/** The firewall's template writes `subtype|TYPE`, the logging service `TYPE|subtype`. */
const HEADER: Reading = ['name', 'signature', 'cef.name', 'cef.device.event_class_id'];
const type = turned(HEADER, (value) => (/^[A-Z][A-Z-]{2,20}$/.test(String(value)) ? value : undefined));
const subtype = turned(HEADER, (value) => (/^[A-Z][A-Z-]{2,20}$/.test(String(value)) ? undefined : value));

/** `Threat name(86001)`; the number stands alone, or twice, where a threat has no name. */
const THREAT: Reading = ['cat', 'PanOSThreatID', 'PanOSThreatNameFirewall'];
const threatName = turned(THREAT, (value) => {
  const name = String(value)
    .replace(/\(\d{1,12}\)$/, '')
    .trim();
  return /^\d*$/.test(name) ? undefined : name;
});
const isThreat = ({ fields }: Document): boolean =>
  ['name', 'signature'].some((path) => textAt(fields, path) === 'THREAT');
const ofThreat = (...readings: Reading[]): Reading => when(isThreat, ...readings);
const ofOthers = (...readings: Reading[]): Reading => when((document) => !isThreat(document), ...readings);
/** The category of a system log is its event. */
const eventId: Reading = ['PanOSEventID', when(isSystem, 'cat')];
/** The logging service sends on what firewalls logged; its own host is none of them. */
const sender = when(({ fields }) => textAt(fields, 'product') !== 'LF', fromSyslog('host'));
/** Quoted by some versions, as in the native log. */
const asked = turned('request', (value) => String(value).replace(/^"|"$/g, ''));
const urlCategory: Reading = ['URL Category', 'URLCategory', 'PanOSURLCategory'];

export const panosCef = product({
  name: 'panos_cef',
  title: 'Palo Alto Networks PAN-OS, Strata Logging Service (CEF)',
  reference: 'https://docs.paloaltonetworks.com/resources/cef',
  recognise: cefOf(/^Palo ?Alto/i, /^(?:PAN-?OS|LF|NGFW)$/i),
  // numbered by each device for itself
  sharesId: () => true,
  fields: {
    ...CEF_FIELDS,
    alert_id: [],
    title: [ofThreat(threatName), ofOthers('msg'), joined(' ', type, subtype)],
    description: [],
    rule_id: [ofThreat(matched(THREAT, /\((\d{1,12})\)$/), matched(THREAT, /^\d{1,12}$/)), eventId],
    rule_name: [ofThreat(threatName), eventId, 'Rule'],
    // the number is PAN-OS's own: 1 informational, 2 low, 3 medium, 4 high, 5 critical
    severity: [
      byWords(['PanOSVendorSeverity', 'PanOSSeverity', 'severity']),
      bySteps(['cefSeverity', 'cef.severity'], { low: 0, medium: 3, high: 4, critical: 5 }),
    ],
    hostname: ['PanOSEndpointDeviceName', 'dvchost', sender],
    src_ip: [CEF_FIELDS.src_ip, 'PanOSPublicIP', ofOthers(matched('msg', /\bfrom:? ?([0-9a-f.:]{2,44}[0-9a-f])/i))],
    username: [CEF_FIELDS.username, ofOthers(matched('msg', /\buser '?([^\s',]{1,100})/i))],
    dest_hostname: [],
    email_subject: ofThreat('msg'),
    file_name: [ofThreat('fname'), when(isFile, asked)],
    url: when((document) => !isFile(document), asked),
    outcome: byTable(['act', 'PanOSEventStatus', 'outcome'], PANOS_OUTCOMES),
    event_class: [
      joined('/', type, subtype),
      joined('/', type, subtype, urlCategory),
      turned(eventId, (value) => `SYSTEM/${String(value)}`),
    ],
  },
});

/** What these subtypes were asked for is a file's name. */
function isFile({ fields }: Document): boolean {
  return ['name', 'signature'].some((path) =>
    /^(?:virus|wildfire|wildfire-virus|ml-virus|file|data)$/.test(textAt(fields, path) ?? ''),
  );
}

function isSystem({ fields }: Document): boolean {
  return ['name', 'signature'].some((path) => textAt(fields, path) === 'SYSTEM');
}
