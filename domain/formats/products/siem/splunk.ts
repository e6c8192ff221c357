import { product } from '../../format';
import { has, textAt } from '../../paths';
import { bySteps, byTable, byWords, turned, type Reading } from '../../readings';
import { either, shape, type Recogniser } from '../../recognise';

/** Splunk's webhook puts the first row of the search's result under `result`; a notable is such a row. */
const row = (name: string): Reading => [`result.${name}`, name];
const rows = (...names: string[]): Reading => names.map(row);

/** A row of a search whose raw event is some other product's is better read as that. */
const webhook: Recogniser = shape(
  ['search_name', 'result'],
  (fields) => has(fields, 'sid') || has(fields, 'results_link'),
);
const notable: Recogniser = shape(['event_id', 'search_name'], (fields) =>
  /@@notable@@/.test(textAt(fields, 'event_id') ?? ''),
);

export const splunk = product({
  name: 'splunk',
  title: 'Splunk alert webhook and Enterprise Security notable',
  reference: 'https://docs.splunk.com/Documentation/Splunk/latest/Alert/Webhooks',
  recognise: either(
    notable,
    shape(['rule_name', 'rule_id', 'urgency']),
    shape(['result.urgency', 'search_name']),
    webhook,
  ),
  // a search posts each of its results
  sharesId: ({ fields }) => !['event_id', 'notable_id', 'result.event_id'].some((path) => has(fields, path)),
  fields: {
    alert_id: [row('event_id'), row('notable_id'), 'sid'],
    timestamp: rows('_time', 'orig_time', 'firstTime', 'lastTime', 'time', 'info_search_time'),
    rule_id: rows('rule_id', 'savedsearch_id', 'detection_id'),
    rule_name: [row('rule_name'), row('search_name'), row('savedsearch_name'), row('source')],
    title: rows('rule_title', 'rule_name', 'search_name', 'title'),
    description: rows('rule_description', 'savedsearch_description', 'description', 'message'),
    severity: [
      byWords(rows('urgency', 'severity', 'priority')),
      bySteps(row('risk_score'), { low: 0, medium: 40, high: 60, critical: 80 }),
      // alert_actions.conf counts from 1, info, to 6, fatal
      byTable(row('alert.severity'), { 1: 'low', 2: 'low', 3: 'medium', 4: 'high', 5: 'critical', 6: 'critical' }),
    ],
    src_ip: rows('src_ip', 'src', 'source_ip', 'clientip', 'src_ip_address', 'Source_Network_Address', 'orig_src'),
    src_port: rows('src_port'),
    src_hostname: rows('src_host', 'src_dns', 'src_nt_host'),
    dest_ip: rows('dest_ip', 'dest', 'destination_ip'),
    dest_port: rows('dest_port'),
    dest_hostname: rows('dest_host', 'dest_dns', 'dest_nt_host'),
    hostname: rows('dest_host', 'dest_nt_host', 'ComputerName', 'Computer', 'dest', 'dvc', 'orig_host', 'host'),
    username: rows('user', 'src_user', 'user_name', 'Account_Name', 'username'),
    dest_username: rows('dest_user'),
    domain: rows('domain', 'url_domain', 'query', 'dest_domain'),
    url: rows('url', 'uri'),
    file_hashes: rows('file_hash', 'process_hash', 'hash', 'sha256', 'sha1', 'md5'),
    file_name: rows('file_path', 'file_name'),
    process: rows('process_path', 'process_name', 'process_exec'),
    parent_process: rows('parent_process_path', 'parent_process_name'),
    command_line: rows('process', 'CommandLine', 'cmdline'),
    email_from: rows('src_user_email', 'sender', 'SenderAddress', 'from'),
    email_to: rows('recipient', 'RecipientAddress', 'to'),
    email_subject: rows('subject'),
    bytes_out: rows('bytes_out', 'sum_bytes_out'),
    failed_attempts: rows('failure', 'failed_attempts', 'failures', 'app_count'),
    outcome: byTable(rows('action', 'status'), {
      ...{ success: 'success', failure: 'failure', failed: 'failure', blocked: 'blocked', allowed: 'allowed' },
      ...{ deferred: 'blocked', quarantined: 'blocked' },
    }),
    mitre: rows(
      'annotations.mitre_attack',
      'annotations.mitre_attack.mitre_technique_id',
      'mitre_technique_id',
      'mitre_technique',
    ),
    tags: [row('tag'), row('security_domain'), turned(row('analyticstory'), (value) => value)],
    event_class: rows('security_domain', 'category', 'signature', 'eventtype'),
  },
});
