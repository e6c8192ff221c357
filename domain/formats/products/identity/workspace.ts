import type { Document } from '../../document';
import { product } from '../../format';
import { has, textAt, valuesAt } from '../../paths';
import { always, byTable, byWords, inList, joined, matched, turned, when, type Reading } from '../../readings';
import { shape } from '../../recognise';
import { graded } from '../clouds/graded';

/** Parameters of an event: a list of names and values, as Google sends them, or an object of them, as shippers make it. */
const parameter = (...names: string[]): Reading =>
  names.flatMap((name): Reading[] => [
    `parameters.${name}`,
    ...['events.parameters', 'parameters'].map((list) =>
      inList(list, (each) => each.name === name, 'value', 'multiValue', 'intValue', 'boolValue'),
    ),
  ]);
const message = (...paths: string[]): Reading => paths.map((path) => `parameters.message_info.${path}`);

const name: Reading = ['events.name', 'name'];
const event = joined('/', 'id.applicationName', name);
const marked = (mark: string, ...where: Reading[]): Reading => joined('/', event, ...where, always(mark));
const holding = (path: string, ...wanted: unknown[]): ((document: Document) => boolean) => {
  return ({ fields }) => valuesAt(fields, path).some(({ value }) => wanted.includes(value));
};

/** Gmail's own numbers, of its log in BigQuery: https://support.google.com/a/answer/7230050 */
const LINK_CLICKED = 15;
const ATTACHMENT_DOWNLOADED = 17;
const REFUSED_AS_MALWARE = 3;

const clicked = holding('parameters.event_info.mail_event_type', LINK_CLICKED);
const infected = ({ fields }: Document): boolean => has(fields, 'parameters.message_info.attachment.malware_family');
const refused = holding('parameters.message_info.connection_info.smtp_response_reason', REFUSED_AS_MALWARE);
const spoofed = ({ fields }: Document): boolean =>
  ['dmarc_pass', 'spf_pass'].some((check) =>
    holding(`parameters.message_info.connection_info.${check}`, false)({ fields } as Document),
  );

const isChange = ({ fields }: Document): boolean =>
  (textAt(fields, 'events.type') ?? textAt(fields, 'type')) === 'acl_change';
const toOutside = matched(
  parameter('visibility', 'visibility_change', 'new_value'),
  /^(?:people_with_link|public_on_the_web|shared_externally|external)$/,
);

const classes: Reading = [
  event,
  joined(
    '/',
    event,
    turned(parameter('is_suspicious'), (value) => (value === true ? 'suspicious' : undefined)),
  ),
  when(infected, marked('malware')),
  when(refused, marked('malware')),
  when(holding('parameters.message_info.is_spam', true), marked('spam')),
  when(spoofed, marked('spoofed')),
  when(holding('parameters.event_info.mail_event_type', LINK_CLICKED, ATTACHMENT_DOWNLOADED), marked('opened')),
  // whose documents are watched by a rule, and whose it is to keep them in
  joined('/', 'id.applicationName', matched(parameter('data_source'), /^(?:DRIVE|GMAIL|CHAT|CHROME)$/)),
  when(
    isChange,
    turned(toOutside, () => 'drive/acl_change/outside'),
  ),
];

const isWarning = ({ fields }: Document): boolean =>
  (textAt(fields, 'events.type') ?? textAt(fields, 'type')) === 'account_warning';
const onUnsafeSite = ({ fields }: Document): boolean =>
  /UNSAFE|MALWARE|PHISH/i.test(textAt(fields, 'events.name') ?? textAt(fields, 'name') ?? '');

export const workspace = product({
  name: 'google_workspace',
  title: 'Google Workspace activity (Admin SDK reports)',
  reference: 'https://developers.google.com/admin-sdk/reports/reference/rest/v1/activities',
  recognise: shape(['id.applicationName'], (fields) =>
    ['events', 'actor', 'name', 'type', 'kind'].some((path) => has(fields, path)),
  ),
  // unique only among the events of the same moment
  sharesId: () => true,
  fields: {
    alert_id: 'id.uniqueQualifier',
    timestamp: 'id.time',
    title: joined(' ', 'id.applicationName', name),
    rule_name: parameter('rule_name'),
    severity: [
      byWords(parameter('severity')),
      graded(classes, {
        critical: ['login/gov_attack_warning'],
        high: ['login/account_disabled_*', 'gmail/*/*', 'admin/*_GMAIL_SETTING', 'admin/*/outside'],
        medium: [
          'login/*/suspicious',
          'login/suspicious_*',
          'login/risky_sensitive_action_*',
          'mobile/DEVICE_COMPROMISED_EVENT',
          'mobile/FAILED_PASSWORD_ATTEMPTS_EVENT',
          '*/email_forwarding_out_of_domain',
          'admin/*',
          'calendar/change_calendar_acls',
          'drive/change_owner',
          'drive/*/outside',
          'drive/trash',
          'gmail/delivery',
          'chrome/MALWARE_TRANSFER*',
          'chrome/UNSAFE_SITE_VISIT*',
        ],
      }),
    ],
    src_ip: 'ipAddress',
    hostname: parameter('DEVICE_NAME'),
    username: [
      when(isWarning, parameter('affected_email_address')),
      'actor.email',
      parameter('affected_email_address'),
    ],
    dest_username: parameter('target_user', 'USER_EMAIL'),
    domain: message('link_domain'),
    url: when(onUnsafeSite, parameter('URL', 'TAB_URL')),
    email_from: message('source.address', 'source.from_header_address'),
    email_to: [message('destination.address'), matched(message('flattened_destinations'), /::(\S{1,300})$/)],
    email_subject: message('subject'),
    file_name: [message('attachment.file_name'), parameter('CONTENT_NAME')],
    file_hashes: [message('attachment.sha256'), parameter('CONTENT_HASH')],
    clicked: when(clicked, always(true)),
    outcome: byTable(name, { login_failure: 'failure', login_success: 'success' }),
    event_class: classes,
  },
});
