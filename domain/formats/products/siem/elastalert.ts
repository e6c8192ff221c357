import { product } from '../../format';
import { textAt } from '../../paths';
import { bySteps, byWords, turned } from '../../readings';
import { either, shape } from '../../recognise';
import { ecsFields } from '../../standards/ecs';

/** What ElastAlert 2 posts: the matched document, with the name of the rule beside it or around it. */
export const elastAlert = product({
  name: 'elastalert',
  title: 'ElastAlert 2',
  reference: 'https://elastalert2.readthedocs.io/en/latest/alerts.html#http-post',
  recognise: either(
    shape(['rule_name', 'match_body']),
    shape(['num_hits', 'num_matches']),
    shape(['rule_name', 'alert_time']),
    shape(['rule', '@timestamp', 'num_matches'], (fields) => textAt(fields, 'rule') !== undefined),
  ),
  // it is that of the document, which any number of rules may match
  sharesId: () => true,
  fields: {
    ...ecsFields,
    alert_id: ['_id', 'match_body._id', 'event.id'],
    timestamp: ['@timestamp', 'match_body.@timestamp', 'match_time', 'alert_time'],
    rule_id: ['rule_id', 'rule.id'],
    rule_name: ['rule_name', 'rule', 'rule.name', 'name'],
    title: ['alert_subject', 'rule_name', 'rule', 'name'],
    description: ['alert_text', 'message', 'match_body.message'],
    // alert2's priorities count from 1, the worst, to 5
    severity: [
      byWords('severity'),
      bySteps(
        turned(['priority', 'alert_priority'], (value) =>
          Number.isNaN(Number(value)) ? undefined : 5 - Number(value),
        ),
        {
          ...{ low: 0, medium: 2, high: 3, critical: 4 },
        },
      ),
    ],
    src_ip: [...list(ecsFields.src_ip), ...within(ecsFields.src_ip), 'src_ip', 'srcip', 'clientip'],
    dest_ip: [...list(ecsFields.dest_ip), ...within(ecsFields.dest_ip), 'dest_ip', 'dst_ip'],
    hostname: [...list(ecsFields.hostname), ...within(ecsFields.hostname), 'hostname'],
    username: [
      ...list(ecsFields.username),
      ...within(ecsFields.username),
      'username',
      'winlog.event_data.TargetUserName',
    ],
    failed_attempts: 'num_hits',
  },
});

type Paths = (typeof ecsFields)['src_ip'];

function list(reading: Paths): readonly string[] {
  const readings = typeof reading === 'string' ? [reading] : Array.isArray(reading) ? reading : [];
  return readings.filter((path): path is string => typeof path === 'string');
}

function within(reading: Paths): string[] {
  return list(reading).map((path) => `match_body.${path}`);
}
