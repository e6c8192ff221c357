import { product } from '../../format';
import { textAt } from '../../paths';
import { byTable, matched, turned, type Reading } from '../../readings';
import { either, shape } from '../../recognise';
import { failedByCode } from '../../windows/defender';

/** The event's own values, as collectors name their places; each spells `Threat Name` with its blank or without. */
const PLACES = ['winlog.event_data', 'Event.EventData', 'EventData', 'event_data', 'winevent.event_data'];
const data = (...names: string[]): Reading =>
  names.flatMap((name) => {
    const spelled = [name, name.replaceAll(' ', ''), name.replaceAll(' ', '_')];
    return [...PLACES.flatMap((place) => spelled.map((each) => `${place}.${each}`)), ...spelled];
  });
const PROVIDERS = ['winlog.provider_name', 'Event.System.Provider.Name', 'ProviderName', 'SourceName', 'Provider_Name'];
const EVENT_ID = ['winlog.event_id', 'Event.System.EventID', 'EventID', 'event.code'];
const isDefender = (value: unknown): boolean => /^Microsoft-Windows-Windows Defender$/i.test(String(value));

/** 1116 and the like of the operational log, and what PowerShell's `Get-MpThreatDetection` and `Get-MpThreat` give. */
export const defenderAntivirus = product({
  name: 'defender_antivirus',
  title: 'Microsoft Defender Antivirus event',
  reference: 'https://learn.microsoft.com/en-us/defender-endpoint/troubleshoot-microsoft-defender-antivirus',
  recognise: either(
    ...PROVIDERS.map((path) => shape([path], (fields) => isDefender(textAt(fields, path)))),
    shape(['DetectionID', 'ThreatID', 'InitialDetectionTime']),
    shape(['ThreatID', 'ThreatName', 'SeverityID', 'Resources']),
  ),
  // finding it, acting on it and failing to are events of one detection
  sharesId: () => true,
  fields: {
    alert_id: data('Detection ID'),
    timestamp: [
      data('Detection Time'),
      'InitialDetectionTime',
      'Event.System.TimeCreated.SystemTime',
      '@timestamp',
      'EventTime',
      'TimeCreated',
    ],
    severity: [
      byTable(data('Severity Name'), { low: 'low', moderate: 'medium', high: 'high', severe: 'critical' }),
      byTable(data('Severity ID'), { 1: 'low', 2: 'medium', 4: 'high', 5: 'critical' }),
    ],
    title: [data('Threat Name'), 'message'],
    rule_id: [data('Threat ID')],
    rule_name: data('Threat Name'),
    hostname: [
      'winlog.computer_name',
      'Event.System.Computer',
      'Computer',
      'Hostname',
      'ComputerName',
      'PSComputerName',
      'host.name',
    ],
    username: [data('Detection User'), 'DomainUser'],
    file_name: matched(data('Path', 'Resources'), /file:_?([^;]{1,1000})/i),
    process: data('Process Name'),
    executed: 'DidThreatExecute',
    outcome: [
      // the action is named even where it failed
      byTable(EVENT_ID, { 1008: 'allowed', 1118: 'allowed', 1119: 'allowed' }),
      turned(data('Error Code'), (code) => (failedByCode(code) ? 'allowed' : undefined)),
      byTable('ActionSuccess', { false: 'allowed' }),
      byTable(data('Action Name'), {
        quarantine: 'blocked',
        remove: 'blocked',
        clean: 'blocked',
        block: 'blocked',
        allow: 'allowed',
      }),
    ],
    event_class: [EVENT_ID, data('Category Name')],
  },
});
