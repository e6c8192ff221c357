import { normaliseIp } from '../../../network';
import { product } from '../../format';
import { textAt } from '../../paths';
import { bySteps, turned, when } from '../../readings';
import { either, shape } from '../../recognise';

/** QRadar's severities and magnitudes count from 0 to 10. */
const STEPS = { low: 0, medium: 4, high: 7, critical: 9 } as const;

/** What an offense is about: 0 a source address, 1 a destination, 2 an event, 3 a user, 7 a host name. */
const about = (type: number, path = 'offense_source') =>
  when(({ fields }) => Number(textAt(fields, 'offense_type')) === type, path);
const address = turned('offense_source', (value) => normaliseIp(String(value)));

export const qradar = product({
  name: 'qradar',
  title: 'IBM QRadar offense',
  reference: 'https://www.ibm.com/docs/en/qradar-common?topic=siem-get-offenses',
  recognise: either(
    shape(['offense_type', 'magnitude', 'severity']),
    shape(['offense_id', 'magnitude']),
    shape(['offense_source', 'start_time']),
  ),
  fields: {
    alert_id: ['id', 'offense_id'],
    timestamp: ['start_time', 'first_persisted_time', 'startTime', 'last_updated_time'],
    rule_id: ['rules.id', 'rule_id'],
    rule_name: ['rule_name', 'rules.name', 'description'],
    title: ['description', 'offense_description'],
    description: 'description',
    severity: bySteps(['severity', 'magnitude'], STEPS),
    src_ip: [
      ...['source_ip', 'sourceip', 'source_address', 'source_address_ids.source_ip'],
      when(({ fields }) => textAt(fields, 'offense_type') !== '1', address),
    ],
    dest_ip: ['destination_ip', 'destinationip', 'destination_address', about(1)],
    hostname: ['hostname', about(7)],
    username: ['username', about(3)],
    tags: 'categories',
    event_class: ['categories', 'offense_type_str'],
  },
});
