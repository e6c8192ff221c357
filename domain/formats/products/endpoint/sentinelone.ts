import { account } from '../../accounts';
import { product } from '../../format';
import { byAction } from '../../outcomes';
import { has } from '../../paths';
import { always, bySteps, byTable, byWords, matched, turned, when, type Reading } from '../../readings';
import { either, shape, type Recogniser } from '../../recognise';
import { CEF_FIELDS, cefOf } from '../../standards/cef';
import { type Holder, named } from './helpers';

/** The agent is sure of what it calls malicious, and not of what it calls suspicious. */
const byConfidence = (reading: Reading): Reading => byTable(reading, { malicious: 'high', suspicious: 'medium' });

const isActivity = ({ fields }: Holder): boolean => has(fields, 'activityType');

export const sentinelone = product({
  name: 'sentinelone',
  title: 'SentinelOne (threats, STAR alerts, unified alerts, activities)',
  reference: 'https://www.sentinelone.com/platform/singularity-operations-center/',
  recognise: either(
    shape(['threatInfo.threatId', 'agentDetectionInfo']),
    shape(['threatInfo', 'agentRealtimeInfo']),
    shape(['alertInfo.alertId', 'ruleInfo']),
    shape(['activityType', 'primaryDescription', 'accountId']),
    shape(['detectionSource.vendor', 'assets', 'analystVerdict']),
    shape(['agentComputerName', 'threatName', 'fileContentHash']),
  ),
  fields: {
    alert_id: ['alertInfo.alertId', 'data.alertId', 'threatInfo.threatId', 'threatId', 'id'],
    timestamp: ['threatInfo.createdAt', 'alertInfo.createdAt', 'createdAt', 'createdDate', 'detectedAt'],
    severity: [
      byWords(['ruleInfo.severity', 'severity', turned('data.severity', (value) => String(value).replace(/^E_/, ''))]),
      byConfidence([
        'threatInfo.confidenceLevel',
        'data.newConfidenceLevel',
        'data.confidenceLevel',
        'confidenceLevel',
      ]),
      when(isActivity, always('low')),
    ],
    title: ['ruleInfo.name', 'data.ruleName', 'primaryDescription', 'name', 'threatInfo.threatName', 'threatName'],
    description: ['ruleInfo.description', 'data.ruleDescription', 'description', 'primaryDescription'],
    rule_id: ['ruleInfo.id', 'data.ruleId'],
    rule_name: ['ruleInfo.name', 'data.ruleName'],
    hostname: [
      ...['agentRealtimeInfo.agentComputerName', 'agentRealtimeInfo.name', 'agentDetectionInfo.name'],
      ...['data.computerName', 'assets.name', 'agentComputerName'],
      matched('primaryDescription', /\bdetected on ([\w.-]{1,63}?)\.?$/),
    ],
    host_ip: [
      ...['agentDetectionInfo.agentIpV4', 'agentRealtimeInfo.networkInterfaces.inet', 'data.agentIpV4', 'agentIp'],
      ...['alertInfo.srcMachineIp', 'detectionTime.assets.asset.ipV4'],
    ],
    src_ip: ['alertInfo.srcIp', 'data.srcIp', 'data.ipAddress', 'detectionTime.attacker.ip'],
    src_port: 'alertInfo.srcPort',
    dest_ip: ['alertInfo.dstIp', 'data.dstIp'],
    dest_port: ['alertInfo.dstPort', when(({ fields }) => has(fields, 'data.dstIp'), 'data.dstPort')],
    username: account([
      ...['alertInfo.loginsUserName', 'threatInfo.processUser', 'sourceProcessInfo.user', 'data.username'],
      ...['agentDetectionInfo.agentLastLoggedInUserName', 'detectionTime.targetUser.name', 'assets.lastLoggedInUser'],
      'username',
    ]),
    domain: ['alertInfo.dnsRequest', 'data.dnsRequest'],
    file_name: [
      ...['threatInfo.filePath', 'data.filePath', 'data.fileDisplayName', 'sourceProcessInfo.filePath'],
      ...['process.file.path', 'process.file.name', 'filePath', 'fileDisplayName'],
    ],
    file_hashes: [
      ...['threatInfo.sha256', 'threatInfo.sha1', 'threatInfo.md5', 'data.fileContentHash', 'fileContentHash'],
      // of an alert's activity it is the hash of the process
      'secondaryDescription',
      ...['sourceProcessInfo.fileHashSha256', 'sourceProcessInfo.fileHashSha1', 'sourceProcessInfo.fileHashMd5'],
      ...['process.file.sha256', 'process.file.sha1', 'process.file.md5'],
    ],
    process: ['threatInfo.originatorProcess', 'sourceProcessInfo.name', 'data.sourceProcessName'],
    parent_process: ['sourceParentProcessInfo.name', 'process.parentName'],
    command_line: ['threatInfo.maliciousProcessArguments', 'sourceProcessInfo.commandline', 'process.cmdLine'],
    outcome: byAction(['threatInfo.mitigationStatus', 'result', 'mitigationStatus']),
    mitre: 'indicators.tactics.techniques.name',
    event_class: [
      named('activity', 'activityType'),
      named('class', ['threatInfo.classification', 'data.threatClassification', 'classification']),
      named('alert', 'alertInfo.eventType'),
      named('threat', ['threatInfo.confidenceLevel', 'data.confidenceLevel', 'data.newConfidenceLevel']),
    ],
  },
});

/** `CEF:2|SentinelOne|Mgmt|Windows|rt=…|eventID=19|…`: bars between the pairs, and no header after the product. */
const piped: Recogniser = ({ text }) => {
  const [, pairs] = /CEF: ?2\|SentinelOne\|Mgmt\|(.{1,20000})/s.exec(text.slice(0, 30_000)) ?? [];
  if (pairs === undefined || !/(?:^|\|)rt=/.test(pairs)) return undefined;
  const fields = pairs.split('|').flatMap((pair): [string, string][] => {
    const equals = pair.indexOf('=');
    return equals < 1 ? [] : [[pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()]];
  });
  return [Object.fromEntries(fields)];
};

export const sentineloneCef = product({
  name: 'sentinelone_cef',
  title: 'SentinelOne syslog (CEF)',
  reference: 'https://www.sentinelone.com/platform/singularity-operations-center/',
  recognise: either(piped, cefOf(/^SentinelOne/i)),
  fields: {
    ...CEF_FIELDS,
    alert_id: ['threatId', 'externalId', 'activityID'],
    timestamp: ['eventTime', CEF_FIELDS.timestamp],
    severity: [
      byConfidence(['confidenceLevel', 'threatConfidenceLevel']),
      CEF_FIELDS.severity,
      bySteps('eventSeverity', { low: 0, medium: 4, high: 7, critical: 9 }),
    ],
    title: ['name', 'eventDesc', 'fileName'],
    rule_name: ['name', 'eventDesc'],
    hostname: ['sourceHostName', 'deviceHostName', 'dvchost', 'shost', 'dhost', 'agentComputerName'],
    username: account(['sourceUserName', 'suser', 'duser']),
    src_hostname: [],
    host_ip: ['sourceIpAddresses', 'deviceAddress', 'sourceAgentIp'],
    file_name: ['filePath', 'fname', 'fileName'],
    file_hashes: ['fileHash', 'fileSha256', 'fileSha1', 'fileMd5', 'fileContentHash'],
    outcome: byAction(['threatMitigationStatus', 'act']),
    event_class: [
      named('activity', ['activityType', 'eventID']),
      'name',
      'cat',
      named('class', ['threatClassification', 'classification']),
      named('threat', ['threatConfidenceLevel', 'confidenceLevel']),
    ],
  },
});
