import type { Outcome } from '../../../alert';
import { account } from '../../accounts';
import type { Fields } from '../../document';
import { product } from '../../format';
import type { FieldMap } from '../../map-fields';
import { byAction } from '../../outcomes';
import { byTable, bySteps, byWords, turned, type Reading } from '../../readings';
import { either, shape, text } from '../../recognise';
import { CEF_FIELDS, cefOf } from '../../standards/cef';
import { named } from './helpers';

const TAG = /<([A-Za-z][A-Za-z0-9]{0,60})>([^<]{1,8000})<\/\1>/g;
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

/** The texts of an event's XML by the names of their elements; of a name that is given twice the first. */
function readXml(message: string): Fields | undefined {
  const start = message.search(/<EPOevent|<UpdateEvents|<EPOEvent/);
  if (start < 0) return undefined;
  const fields = new Map<string, string>();
  for (const [, name = '', value = ''] of message.slice(start, start + 200_000).matchAll(TAG)) {
    const plain = value.replace(/&(lt|gt|quot|apos|amp);/g, (_all, entity: string) => ENTITIES[entity] ?? '');
    if (!fields.has(name)) fields.set(name, plain);
  }
  return fields.has('EventID') || fields.has('ThreatEventID') ? Object.fromEntries(fields) : undefined;
}

/** ePO counts as syslog does: 1 alert, 2 critical, 3 error, 4 warning, 5 notice, 6 and 7 information. */
const bySyslog = (reading: Reading): Reading =>
  turned(reading, (value) => {
    const number = Number(value);
    if (String(value).trim() === '' || Number.isNaN(number)) return undefined;
    return number <= 2 ? 'critical' : number === 3 ? 'high' : number === 4 ? 'medium' : 'low';
  });

/** What ePO did, where it writes the name of its text instead: `IDS_ALERT_ACT_TAK_DEL`. */
const ACTIONS: Readonly<Record<string, Outcome>> = {
  ...{ DEL: 'blocked', CLE: 'blocked', BLK: 'blocked', BLO: 'blocked', DEN: 'blocked', QUA: 'blocked', MOV: 'blocked' },
  ...{ CON: 'allowed', ALL: 'allowed', NON: 'allowed', WOULD: 'allowed' },
};
const CONSTANT = /^IDS_/i;
const byConstant = (reading: Reading): Reading =>
  turned(reading, (value) => {
    const part = /^IDS_(?:ALERT_ACT_TAK_|ACTION_)(WOULD|[A-Z]{3})/i.exec(String(value))?.[1];
    return part === undefined ? undefined : ACTIONS[part.toUpperCase()];
  });

const a = (...names: string[]): string[] => names.flatMap((name) => [name, `attributes.${name}`]);

const fields: FieldMap = {
  alert_id: [...a('AutoGUID', 'guid'), 'id'],
  timestamp: a('DetectedUTC', 'GMTTime', 'detecteddate', 'timestamp', 'receivedUTC'),
  severity: [bySyslog(a('ThreatSeverity', 'Severity')), byWords(a('ThreatSeverity', 'severity'))],
  title: a('ThreatName', 'threatEventID', 'EventID'),
  description: a('NaturalLangDescription', 'threatEventDesc'),
  rule_id: a('ThreatEventID', 'EventID'),
  rule_name: a('ThreatName', 'AnalyzerRuleName'),
  hostname: a('TargetHostName', 'MachineName', 'AnalyzerHostName', 'targethostname'),
  host_ip: a('IPAddress', 'TargetIPV4', 'AnalyzerIPV4'),
  src_ip: a('SourceIPV4', 'SourceIP'),
  dest_ip: [],
  src_hostname: a('SourceHostName'),
  username: account(a('SourceUserName', 'TargetUserName', 'UserName')),
  url: a('SourceURL'),
  file_name: a('TargetFileName', 'TargetPath'),
  file_hashes: a('TargetHash', 'SourceProcessHash'),
  process: a('SourceProcessName'),
  outcome: [
    byConstant(a('ThreatActionTaken')),
    byAction(turned(a('ThreatActionTaken'), (value) => (CONSTANT.test(String(value)) ? undefined : value))),
    byTable(a('ThreatHandled'), { 1: 'blocked', true: 'blocked', 0: 'allowed', false: 'allowed' }),
  ],
  event_class: [
    named('category', a('ThreatCategory')),
    named('type', a('ThreatType')),
    named('event', a('ThreatEventID', 'EventID')),
  ],
};

export const mcafeeEpo = product({
  name: 'mcafee_epo',
  title: 'McAfee / Trellix ePolicy Orchestrator (XML, JSON)',
  reference: 'https://docs.trellix.com/bundle/trellix-epo-saas-api/page/GUID-events.html',
  recognise: either(
    text(readXml),
    shape(['attributes.threatname', 'attributes.threateventid']),
    shape(['ThreatName', 'ThreatEventID']),
    shape(['threatName', 'threatSeverity', 'threatCategory']),
  ),
  fields,
});

export const mcafeeCef = product({
  name: 'mcafee_cef',
  title: 'McAfee / Trellix (CEF)',
  reference: 'https://docs.trellix.com/',
  recognise: cefOf(/^(?:McAfee|Trellix|Musarubra|Skyhigh)/i),
  fields: {
    ...CEF_FIELDS,
    severity: [
      bySteps('cefSeverity', { low: 0, medium: 4, high: 7, critical: 9 }),
      byWords(['cefSeverity', 'severity']),
    ],
    outcome: [byTable('outcome', { success: 'success', failure: 'failure' }), byAction('act')],
  },
});
