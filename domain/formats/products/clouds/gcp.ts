import type { Document, Fields } from '../../document';
import { product } from '../../format';
import { textAt } from '../../paths';
import { byTable, candidates, joined, matched, turned, when, type Reading } from '../../readings';
import { either, shape } from '../../recognise';
import { graded } from './graded';

const method: Reading = ['protoPayload.methodName', 'methodName'];
const whole = ({ fields }: Document): string => JSON.stringify(fields).slice(0, 100_000);
const suffixed = (suffix: string, holds: (document: Document) => boolean): Reading =>
  when(holds, (document) =>
    candidates(method, document).map(({ value, pointer }) => ({ value: `${String(value)}/${suffix}`, pointer })),
  );

/** A binding or ACL is given to everybody. */
const opens = (document: Document): boolean => {
  const text = whole(document);
  return /"(?:allUsers|allAuthenticatedUsers)"/.test(text) && /"action":"ADD"|"bindings":/.test(text);
};
const RANSOM_NOTE =
  /\/objects\/[^"]{0,300}(?:decrypt|recover|restore|ransom|readme|unlock|encrypted)[^"/]{0,100}\.(?:txt|html?|hta)"/i;
const copiesOut = ({ fields }: Document): boolean => textAt(fields, 'protoPayload.metadata.destination') !== undefined;
/** `google.rpc.Code` 7 is PERMISSION_DENIED, 16 UNAUTHENTICATED. */
const denied = ({ fields }: Document): boolean =>
  ['7', '16'].includes(textAt(fields, 'protoPayload.status.code') ?? '');

const classes: Reading = [
  method,
  joined('/', 'protoPayload.serviceName', method),
  suffixed('public', opens),
  suffixed('copied-out', copiesOut),
  suffixed(
    'ransom-note',
    (document) =>
      RANSOM_NOTE.test(whole(document)) && /create|insert/i.test(String(candidates(method, document)[0]?.value)),
  ),
  suffixed('denied', denied),
  turned('jsonPayload.enforcedSecurityPolicy.outcome', (outcome) => `armor/${String(outcome)}`),
  turned('jsonPayload.previewSecurityPolicy.outcome', (outcome) => `armor/preview/${String(outcome)}`),
  matched('jsonPayload.statusDetails', /^(?:denied_by_security_policy|handled_by_identity_aware_proxy)$/),
  matched('protoPayload.metadata.violationReason', /^[A-Z_]{3,80}$/),
];

const isAudit = (fields: Fields): boolean =>
  textAt(fields, 'protoPayload.methodName') !== undefined ||
  /AuditLog$/.test(textAt(fields, 'protoPayload.@type') ?? textAt(fields, 'protoPayload.at_sign_type') ?? '');

export const gcp = product({
  name: 'gcp',
  title: 'Google Cloud log entry',
  reference: 'https://cloud.google.com/logging/docs/reference/audit/auditlog/rest/Shared.Types/AuditLog',
  recognise: either(shape(['protoPayload'], isAudit), shape(['httpRequest.remoteIp', 'jsonPayload.statusDetails'])),
  fields: {
    alert_id: 'insertId',
    timestamp: ['timestamp', 'receiveTimestamp'],
    title: method,
    description: ['protoPayload.status.message', 'jsonPayload.statusDetails'],
    // `severity` of a log entry is its log level
    severity: graded(classes, {
      high: [
        '*/public',
        '*/ransom-note',
        'armor/*',
        '*hmacKeys.create*',
        '*SignJwt',
        '*SignBlob',
        '*GenerateAccessToken',
        '*Sso*Profile*',
        '*Workforce*',
        '*WorkloadIdentity*',
        '*ApiKeys.CreateKey',
        '*InsertProjectOwnershipInvite',
        '*Services.SetIamPolicy',
      ],
      medium: [
        '*/copied-out',
        '*CreateServiceAccountKey',
        'handled_by_identity_aware_proxy',
        'NO_MATCHING_ACCESS_LEVEL',
        '*instances.insert',
        '*.services.create',
        '*setIamPolicy',
        '*SetIamPermissions',
        '*DeleteSink',
        '*DeleteBucket',
        '*storage.objects.delete',
        '*snapshots.insert',
        '*CryptoKeyVersion',
        'Encrypt',
        '*deployments.insert',
        '*CreateBuild',
        '*.pods.*',
        '*subnetworks.patch',
        '*iam.admin.v1.*Role',
      ],
    }),
    src_ip: ['protoPayload.requestMetadata.callerIp', 'httpRequest.remoteIp'],
    dest_ip: 'httpRequest.serverIp',
    username: [
      'protoPayload.authenticationInfo.principalEmail',
      matched('protoPayload.authenticationInfo.principalSubject', /^(?:user:|serviceAccount:)?([^/]{3,200})$/),
      'protoPayload.authenticationInfo.principalSubject',
    ],
    hostname: 'protoPayload.metadata.instanceName',
    url: 'httpRequest.requestUrl',
    outcome: [
      when(denied, () => [{ value: 'failure', pointer: '/protoPayload/status/code' }]),
      byTable('jsonPayload.enforcedSecurityPolicy.outcome', { DENY: 'blocked', ACCEPT: 'allowed' }),
    ],
    event_class: classes,
  },
});
