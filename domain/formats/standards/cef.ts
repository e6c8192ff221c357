import { normaliseIp, isPublicIp } from '../../network';
import { account } from '../accounts';
import type { Document } from '../document';
import { product } from '../format';
import type { FieldMap } from '../map-fields';
import { byAction } from '../outcomes';
import { has, textAt } from '../paths';
import { bySteps, byTable, candidates, fromSyslog, turned, type Reading } from '../readings';
import { cef as line, either, shape, type Recogniser } from '../recognise';
import { byCefSeverity } from './cef-severity';

/** A key of ArcSight's dictionary by its short name and its full one, which decoders (Elastic's among them) write. */
const key = (short: string, full: string): Reading => [short, full, `cef.extensions.${full}`];

/** CEF of a vendor's product: the line, or what a decoder made of it. */
export function cefOf(vendor: RegExp, productName: RegExp = /./): Recogniser {
  return either(
    line(vendor, productName),
    shape(
      ['cef.device.vendor', 'cef.device.product'],
      (fields) =>
        vendor.test(textAt(fields, 'cef.device.vendor') ?? '') &&
        productName.test(textAt(fields, 'cef.device.product') ?? ''),
    ),
  );
}

/** True when an inside host speaks to an outside one: then the source is the alerted host. */
function isOutbound(document: Document): boolean {
  const [source, destination] = [key('src', 'sourceAddress'), key('dst', 'destinationAddress')].map((reading) => {
    const value = candidates(reading, document)[0]?.value;
    return typeof value === 'string' ? normaliseIp(value) : undefined;
  });
  return destination !== undefined && isPublicIp(destination) && (source === undefined || !isPublicIp(source));
}

/** Some write the address where the name should stand. */
const named = (reading: Reading): Reading =>
  turned(reading, (value) => (normaliseIp(String(value)) === undefined ? value : undefined));

const sourceHost = named(key('shost', 'sourceHostName'));
const targetHost = named(key('dhost', 'destinationHostName'));
const deviceHost = named(key('dvchost', 'deviceHostName'));

/** The alerted host is the one inside; the device that saw it, where no other is named. */
const alertedHost: Reading = (document) =>
  candidates(isOutbound(document) ? [sourceHost, deviceHost] : [targetHost, sourceHost, deviceHost], document);

/** An outside host that an inside one speaks to is accused by its name too. */
const outsideHost: Reading = (document) => (isOutbound(document) ? candidates(targetHost, document) : []);

/** What ArcSight's dictionary says, for any product; a product's own map spreads it and says what it does otherwise. */
export const CEF_FIELDS = {
  alert_id: key('externalId', 'externalId'),
  timestamp: [
    key('rt', 'deviceReceiptTime'),
    key('start', 'startTime'),
    key('end', 'endTime'),
    '@timestamp',
    fromSyslog('timestamp'),
  ],
  severity: [byCefSeverity, bySteps('cef.severity', { low: 0, medium: 4, high: 7, critical: 9 })],
  title: ['name', 'cef.name'],
  description: [key('msg', 'message'), key('reason', 'reason')],
  rule_id: ['signature', 'cef.device.event_class_id'],
  rule_name: ['name', 'cef.name'],
  src_ip: [key('src', 'sourceAddress'), key('c6a2', 'deviceCustomIPv6Address2')],
  src_port: key('spt', 'sourcePort'),
  src_hostname: sourceHost,
  dest_ip: [key('dst', 'destinationAddress'), key('c6a3', 'deviceCustomIPv6Address3')],
  dest_port: key('dpt', 'destinationPort'),
  dest_hostname: targetHost,
  hostname: alertedHost,
  username: account([key('suser', 'sourceUserName'), key('duser', 'destinationUserName')]),
  dest_username: (document) =>
    has(document.fields, 'suser') ? candidates(key('duser', 'destinationUserName'), document) : [],
  domain: [outsideHost, key('destinationDnsDomain', 'destinationDnsDomain')],
  url: key('request', 'requestUrl'),
  file_name: [key('fname', 'filename'), key('filePath', 'filePath')],
  file_hash: key('fileHash', 'fileHash'),
  process: [key('dproc', 'destinationProcessName'), key('sproc', 'sourceProcessName')],
  bytes_out: key('out', 'bytesOut'),
  outcome: [
    byTable(key('outcome', 'eventOutcome'), { success: 'success', failure: 'failure', failed: 'failure' }),
    byAction(key('act', 'deviceAction')),
  ],
  direction: byTable(key('deviceDirection', 'deviceDirection'), { 0: 'inbound', 1: 'outbound' }),
  event_class: ['signature', key('cat', 'deviceEventCategory'), 'name', 'cef.device.event_class_id'],
} satisfies FieldMap;

export const cef = product({
  name: 'cef',
  title: 'Common Event Format (any product)',
  reference:
    'https://www.microfocus.com/documentation/arcsight/arcsight-smartconnectors-8.4/cef-implementation-standard/',
  recognise: cefOf(/./),
  // numbered by each device for itself
  sharesId: () => true,
  fields: CEF_FIELDS,
});
