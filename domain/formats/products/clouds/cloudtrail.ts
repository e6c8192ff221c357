import { isPublicIp } from '../../../network';
import type { Document, Fields } from '../../document';
import { product } from '../../format';
import { has, textAt, valuesAt } from '../../paths';
import { byTable, candidates, joined, matched, turned, when, type Reading } from '../../readings';
import { shape } from '../../recognise';
import { graded } from './graded';

const event = joined('/', 'eventSource', 'eventName');

/** Requests that let somebody outside in, be it all or another account; the policies are JSON in a string, or parsed. */
const OPENS: Readonly<Record<string, RegExp>> = {
  ModifySnapshotAttribute: /"add":\{"items":\[\{"(?:group":"all|userId)/,
  ModifyImageAttribute: /"add":\{"items":\[\{"(?:group":"all|userId|organizationArn)/,
  ModifyDBSnapshotAttribute: /"valuesToAdd":\["/,
  ModifyDBClusterSnapshotAttribute: /"valuesToAdd":\["/,
  PutBucketAcl: /global\/(?:AllUsers|AuthenticatedUsers)/,
  PutObjectAcl: /global\/(?:AllUsers|AuthenticatedUsers)/,
  UpdateProjectVisibility: /PUBLIC_READ/,
};
const ANYONE = /Principal\\*":(?:\\*"\*|\{\\*"AWS\\*":\[?\\*"\*)/;
/** Calls that say who may use a resource; whom a role trusts is another matter. */
const POLICY =
  /^(?!UpdateAssumeRole)(?:[A-Za-z]{3,40}Policy|Set(?:Queue|Topic)Attributes|Create(?:Topic|Queue|Key)|(?:Create|Update)(?:Elasticsearch)?Domain(?:Config)?)$/;
const RANSOM_NOTE =
  /^(?=.{0,200}(?:decrypt|recover|restore|ransom|readme|unlock|encrypted))[^/]{0,100}\.(?:txt|html?|hta)$/i;

const request = ({ fields }: Document): string =>
  JSON.stringify((fields as { requestParameters?: unknown }).requestParameters ?? '').slice(0, 50_000);

function opens(document: Document): boolean {
  const name = textAt(document.fields, 'eventName') ?? '';
  const wanted = Object.hasOwn(OPENS, name) ? OPENS[name] : POLICY.test(name) ? ANYONE : undefined;
  const text = request(document);
  // a condition mostly narrows "anyone" to the own organization or network
  return (wanted?.test(text) ?? false) && !(wanted === ANYONE && text.includes('Condition'));
}

const leavesRansomNote = ({ fields }: Document): boolean =>
  textAt(fields, 'eventName') === 'PutObject' &&
  RANSOM_NOTE.test((textAt(fields, 'requestParameters.key') ?? '').split('/').pop() ?? '');

/** Copied onto itself under a key of somebody else's, which is how buckets are held to ransom. */
const encryptsAnew = (document: Document): boolean =>
  textAt(document.fields, 'eventName') === 'CopyObject' &&
  /encryption-(?:customer-algorithm|aws-kms-key-id)/i.test(request(document));

/** The role of an instance is named by its id; what it asks of AWS comes from inside, or from its own address. */
const instanceCredentialsOutside = ({ fields }: Document): boolean =>
  /:i-[0-9a-f]{8,17}$/.test(textAt(fields, 'userIdentity.principalId') ?? '') &&
  isPublicIp(textAt(fields, 'sourceIPAddress') ?? '');

/** A database that can be reached from the internet: asked for, or so the answer to the restoring of a copy. */
const becomesPublic = ({ fields }: Document): boolean =>
  ['requestParameters', 'responseElements'].some((part) =>
    valuesAt(fields, `${part}.publiclyAccessible`).some(({ value }) => value === true),
  ) && /^(?:Modify|Restore|Create)DB/.test(textAt(fields, 'eventName') ?? '');

/** Tools that try found credentials, or walk through an account. */
const ATTACK_TOOL = /TruffleHog|kali|parrot|pentoo|pacu|prowler|scoutsuite|cloudfox/i;

/** CloudTrail's verdict of the call; a console sign-in has its own. */
const result: Reading = byTable(
  [
    'responseElements.ConsoleLogin',
    'responseElements.CheckMfa',
    'serviceEventDetails.CredentialVerification',
    'additionalEventData.AuthenticationResult',
  ],
  {
    Success: 'success',
    Failure: 'failure',
  },
);
const outcome: Reading = [
  result,
  (document) =>
    ['errorCode', 'errorMessage'].some((path) => textAt(document.fields, path))
      ? [{ value: 'failure', pointer: '' }]
      : [{ value: 'success', pointer: '' }],
];

const isRoot = ({ fields }: Document): boolean => textAt(fields, 'userIdentity.type') === 'Root';
const suffixed = (suffix: string, holds: (document: Document) => boolean): Reading =>
  when(holds, (document) =>
    candidates(event, document).map(({ value, pointer }) => ({ value: `${String(value)}/${suffix}`, pointer })),
  );

/** What was done, and what of the request, the caller or the answer makes it more than that. */
const classes: Reading = [
  event,
  joined('/', event, outcome),
  suffixed('outside', opens),
  suffixed('root', isRoot),
  suffixed('ransom-note', leavesRansomNote),
  suffixed('encrypted-anew', encryptsAnew),
  suffixed('unprotected', (document) => /"deletionProtection":false/.test(request(document))),
  suffixed('key-known-to-be-stolen', (document) => /CompromisedKeyQuarantine/.test(request(document))),
  suffixed('instance-credentials-outside', instanceCredentialsOutside),
  joined(
    '/',
    event,
    outcome,
    turned('additionalEventData.MFAUsed', (used) =>
      used === 'Yes' ? 'with-mfa' : used === 'No' ? 'without-mfa' : undefined,
    ),
  ),
  suffixed('public', becomesPublic),
  suffixed('attack-tool', ({ fields }) => ATTACK_TOOL.test(textAt(fields, 'userAgent') ?? '')),
  suffixed('denied', ({ fields }) => /AccessDenied|Unauthorized/i.test(textAt(fields, 'errorCode') ?? '')),
];

const isEvent = (fields: Fields): boolean =>
  /\.amazonaws\.com$/.test(textAt(fields, 'eventSource') ?? '') || has(fields, 'userIdentity', 'awsRegion');

export const cloudtrail = product({
  name: 'aws_cloudtrail',
  title: 'AWS CloudTrail event',
  reference:
    'https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html',
  recognise: shape(['eventSource', 'eventName'], isEvent),
  fields: {
    alert_id: 'eventID',
    timestamp: 'eventTime',
    title: joined(' ', 'eventSource', 'eventName'),
    description: 'errorMessage',
    severity: graded(classes, {
      critical: [
        'iam.*/CreateAccessKey/root',
        '*/ransom-note',
        '*/public',
        'rds.*/DeleteDB*AutomatedBackup*',
        'wafv2.*/DisassociateWebACL',
      ],
      high: [
        '*/outside',
        '*/encrypted-anew',
        '*/unprotected',
        '*/key-known-to-be-stolen',
        '*/instance-credentials-outside',
        'lambda.*/UpdateFunctionConfiguration*',
        'lambda.*/DeleteFunction*',
        'signin.*/ConsoleLogin/root',
        'signin.*/PasswordUpdated/root',
        'cloudtrail.*/DeleteTrail',
        'cloudtrail.*/StopLogging',
        'guardduty.*/DeleteDetector',
        'guardduty.*/*IPSet',
        'guardduty.*/*Disassociate*',
        'securityhub.*/DeleteInsight',
        'securityhub.*/DisableSecurityHub',
        'config.*/StopConfigurationRecorder',
        'config.*/DeleteConfigurationRecorder',
        'lambda.*/UpdateFunctionCode*',
        'ec2.*/ModifyInstanceAttribute',
        'rds.*/DeleteDB*',
        'rds.*/StartExportTask',
        'rds.*/StopActivityStream',
        'rds.*/RestoreDBInstanceFrom*',
        'organizations.*/LeaveOrganization',
      ],
      medium: [
        'signin.*/GetSigninToken',
        'cloudtrail.*/UpdateTrail',
        'cloudtrail.*/PutEventSelectors',
        'guardduty.*/UpdateDetector',
        'config.*/Delete*',
        'macie*/Disable*',
        'macie*/UpdateMacieSession',
        'bedrock.*/Delete*',
        'bedrock.*/UpdateGuardrail',
        'iam.*/CreateAccessKey',
        'iam.*/CreateLoginProfile',
        'iam.*/UpdateLoginProfile',
        'iam.*/CreateUser',
        'iam.*/Attach*Policy',
        'iam.*/Put*Policy',
        'iam.*/UpdateAssumeRolePolicy',
        'iam.*/*SAMLProvider',
        'iam.*/DeactivateMFADevice',
        'iam.*/DeleteVirtualMFADevice',
        'kms.*/DisableKey',
        'kms.*/ScheduleKeyDeletion',
        'ec2.*/*TrafficMirror*',
        'ec2.*/DeleteFlowLogs',
        'ec2.*/DisableEbsEncryptionByDefault',
        'ec2.*/GetPasswordData',
        'ec2.*/ModifySnapshotAttribute',
        'ec2.*/ModifyImageAttribute',
        'ec2-instance-connect.*/Send*PublicKey',
        'ec2.*/CreateNetworkAclEntry',
        'rds.*/Modify*',
        'rds.*/Failover*',
        'rds.*/Add*',
        'rds.*/Authorize*',
        'rds.*/Reboot*',
        'rds.*/Copy*',
        's3.*/DeleteAccountPublicAccessBlock',
        's3.*/DeleteBucketE*',
        's3.*/DeleteBucketP*',
        's3.*/DeleteBucketR*',
        's3.*/PutBucketPolicy',
        's3.*/PutBucketReplication',
        's3.*/CopyObject',
        'ssm.*/SendCommand',
        'ssm.*/StartSession',
        'wafv2.*/Delete*',
        '*/root',
        's3.*/PutBucketLogging',
        's3.*/PutBucketVersioning',
        'securityhub.*/UpdateFindings',
        'signin.*/ConsoleLogin/failure/with-mfa',
        'signin.*/ConsoleLogin/success/without-mfa',
        'ec2.*/DescribeInstanceAttribute',
        '*/attack-tool',
      ],
    }),
    src_ip: 'sourceIPAddress',
    username: [
      when(isRoot, () => [{ value: 'root', pointer: '/userIdentity/type' }]),
      matched('userIdentity.userName', /^(?!HIDDEN_DUE_TO)[\s\S]{1,255}$/),
      // a session is named by who took the role, unless an instance did
      matched('userIdentity.arn', /:assumed-role\/[^/]{1,64}\/(?!i-[0-9a-f]{8})([^/]{2,64})$/),
      matched('userIdentity.principalId', /^A[A-Z0-9]{15,30}:(?!i-[0-9a-f]{8})(\S{2,64})$/),
      'userIdentity.sessionContext.sessionIssuer.userName',
      matched('userIdentity.arn', /:(?:federated-user|user)\/(?:[^/]{1,512}\/){0,5}([^/]{1,64})$/),
      matched('userIdentity.principalId', /^[^:]{0,64}:([\w+=,.@-]{1,64}@[\w.-]{1,128})$/),
      'additionalEventData.UserName',
    ],
    dest_username: 'requestParameters.userName',
    outcome,
    event_class: classes,
  },
});
