import { product } from '../../format';
import { byWords } from '../../readings';
import { shape } from '../../recognise';
import { WINDOWS_FIELDS } from '../../windows/fields';

export const hayabusa = product({
  name: 'hayabusa',
  title: 'Hayabusa timeline entry (hit of a Sigma rule)',
  reference: 'https://github.com/Yamato-Security/hayabusa/wiki/Timeline-Output',
  recognise: shape(['RuleTitle', 'Level', 'Channel', 'EventID', 'Computer']),
  fields: {
    ...WINDOWS_FIELDS,
    timestamp: ['Timestamp', 'datetime'],
    title: 'RuleTitle',
    description: [],
    rule_name: 'RuleTitle',
    rule_id: 'RuleID',
    severity: byWords('Level', { med: 'medium', crit: 'critical', emer: 'critical' }),
    mitre: 'MitreTags',
    tags: ['MitreTactics', 'OtherTags'],
  },
});
