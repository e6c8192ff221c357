import { isObject } from '../../../is-object';
import { product } from '../../format';
import type { Document } from '../../document';
import { itemsAt, textAt } from '../../paths';
import { byTable, byWords, candidates, inList, joined, turned, when, type Reading } from '../../readings';
import { either, shape } from '../../recognise';
import { entitiesIn } from './entities';

const found = entitiesIn('Data.Entities');

/** System accounts act for nobody; their names are those of services (`SecurityComplianceAlerts`, `DlpAgent`) or SIDs. */
const person = (user: Reading): Reading =>
  turned(user, (value) =>
    typeof value === 'string' && (value.includes('@') || value.includes('\\')) && !/^app@/i.test(value)
      ? value
      : undefined,
  );
const isSystem = ({ fields }: Document): boolean => /^[345]$/.test(textAt(fields, 'UserType') ?? '');
/** Endpoint data loss prevention: what was done with a file on a device. */
const isOfDevice = ({ fields }: Document): boolean => /^(?:63|DLPEndpoint)$/.test(textAt(fields, 'RecordType') ?? '');
const anybody = (user: Reading): Reading =>
  turned(user, (value) => (typeof value === 'string' && !/^(?:S-1-|NT AUTHORITY)/i.test(value) ? value : undefined));

const addressed = (value: unknown): unknown =>
  typeof value === 'string' ? value.replace(/^\[|\]$/g, '').split(/[,;]/) : value;

const parameter = (name: RegExp): Reading =>
  inList('Parameters', (item) => typeof item.Name === 'string' && name.test(item.Name), 'Value');

const AUDITED = /^(?:1|2|3|4|6|7|8|14|15|18|20|22|23|24|25|26|32|50|52|90|63|98|131)$/;
const LINKED_OUTSIDE = /Anonymous|AddedToSecureLink|SharingInvitationCreated|SharingSet/i;

/** What kind of record it is, where its operation alone does not tell. */
const kind: Reading = (document) => {
  const { fields } = document;
  const is = (value: string): { value: string; pointer: string }[] => [{ value, pointer: '' }];
  if (itemsAt(fields, 'PolicyDetails').length > 0) return is('data loss prevention');
  const forward = candidates(parameter(/^(?:Forward|Redirect)/i), document).some(
    ({ value }) => typeof value === 'string' && value.includes('@'),
  );
  if (forward) return is('mail forwarding');
  const operation = textAt(fields, 'Operation') ?? '';
  const target = `${operation} ${textAt(fields, 'TargetUserOrGroupName') ?? ''}`;
  if (/guest/i.test(textAt(fields, 'TargetUserOrGroupType') ?? '') && LINKED_OUTSIDE.test(operation)) {
    return is('shared outside');
  }
  if (/^AnonymousLink(?:Created|Updated)|^SharingSet .*\.Anonymous/i.test(target)) return is('shared outside');
  return AUDITED.test(textAt(fields, 'RecordType') ?? '') ? is('audit') : [];
};

/** Several rules of a policy may fit; the alert is as grave as the gravest. */
const ofWorstRule = (member: string): Reading =>
  ['High', 'Medium', 'Low'].map((severity) =>
    inList('PolicyDetails.Rules', ({ Severity }) => Severity === severity, member),
  );

const data = (...names: string[]): Reading => names.map((name) => `Data.${name}`);

/** Records of the unified audit log: of each workload, of data loss prevention, of mail threats, of alert policies. */
export const officeAudit = product({
  name: 'o365_audit',
  title: 'Office 365 Management Activity (unified audit log)',
  reference:
    'https://learn.microsoft.com/en-us/office/office-365-management-api/office-365-management-activity-api-schema',
  recognise: either(
    shape(['Operation', 'Workload', 'CreationTime']),
    shape(['Operation', 'RecordType', 'CreationTime']),
    shape(['RecordType', 'CreationTime', 'Id'], ({ Id }) => typeof Id === 'string'),
  ),
  // an alert has a record for each of its entities
  sharesId: ({ fields }) => textAt(fields, 'Operation') === 'AlertEntityGenerated',
  fields: {
    alert_id: [
      'AlertId',
      when(({ fields }) => isObject(itemsAt(fields, 'PolicyDetails')[0]?.value), 'IncidentId'),
      'Id',
    ],
    timestamp: 'CreationTime',
    severity: [
      byWords('Severity'),
      byWords(ofWorstRule('Severity')),
      byWords('Data.Severity'),
      // one login by itself, as of every other product that rates none
      byTable('Operation', { UserLoggedIn: 'low', UserLoginFailed: 'low' }),
    ],
    title: [
      'Name',
      'Data.AlertDisplayName',
      ofWorstRule('RuleName'),
      'InvestigationName',
      joined(': ', 'Operation', 'DetectionMethod'),
      'Operation',
    ],
    description: [data('ad', 'Description'), 'ResultStatusDetail', 'LogonError', 'PolicyDetails.PolicyName'],
    rule_id: ['PolicyId', ofWorstRule('RuleId')],
    username: [
      person(['SharePointMetaData.From', 'ExchangeMetaData.From', 'EndpointMetaData.UserId']),
      person(data('f3u', 'suid')),
      person('AlertEntityId'),
      person('UserId'),
      when((document) => !isSystem(document), anybody('UserId')),
      when((document) => !isOfDevice(document), person('ObjectId')),
      person('MailboxOwnerUPN'),
    ],
    dest_username: person('TargetUserOrGroupName'),
    hostname: ['EndpointMetaData.DeviceName', 'DeviceName'],
    src_ip: ['ClientIP', 'ClientIPAddress', 'ActorIpAddress', 'SenderIp', 'Data.sip', 'UserIp', found.sender_ip],
    domain: [when(isOfDevice, 'TargetDomain'), found.domain],
    url: [when(({ fields }) => /click/i.test(textAt(fields, 'Operation') ?? ''), 'Url'), found.url],
    file_hashes: [
      'EndpointMetaData.Sha256',
      'EndpointMetaData.Sha1',
      'FileData.SHA256',
      'AttachmentData.SHA256',
      when(isOfDevice, 'Sha256', 'Sha1'),
    ],
    file_name: [
      'SourceFileName',
      'SharePointMetaData.FileName',
      'FileData.FileName',
      'AttachmentData.FileName',
      when(isOfDevice, 'ObjectId'),
    ],
    email_from: ['P2Sender', 'ExchangeMetaData.From', 'Data.tsd', 'P1Sender', found.email_from],
    email_to: [
      turned('Recipients', addressed),
      'ExchangeMetaData.To',
      'ExchangeMetaData.CC',
      'ExchangeMetaData.BCC',
      'Data.trc',
      found.email_to,
      parameter(/^(?:Forward|Redirect)/i),
    ],
    email_subject: ['ExchangeMetaData.Subject', 'Subject', 'Item.Subject', 'Data.ms', found.email_subject],
    outcome: [
      byTable('Operation', { UserLoginFailed: 'failure', UserLoggedIn: 'success' }),
      byTable('DeliveryAction', { Blocked: 'blocked', Delivered: 'allowed' }),
      byTable('PolicyDetails.Rules.Actions', { BlockAccess: 'blocked' }),
      // 1 audit, 3 warned and went on, 4 block, 5 allow
      when(isOfDevice, byTable('EnforcementMode', { 1: 'allowed', 3: 'allowed', 4: 'blocked', 5: 'allowed' })),
    ],
    event_class: [
      kind,
      joined('/', 'Operation', 'Verdict'),
      'Operation',
      joined('/', 'Workload', 'Category'),
      joined(
        ':',
        turned('Operation', () => 'entity'),
        'EntityType',
      ),
    ],
  },
});
