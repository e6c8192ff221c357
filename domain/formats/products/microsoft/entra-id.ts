import { product } from '../../format';
import type { Document } from '../../document';
import { textAt } from '../../paths';
import { byTable, inList, joined, turned, when, type Reading } from '../../readings';
import { either, shape } from '../../recognise';

/** Azure Monitor wraps in `properties` what the Graph API and the tables of Sentinel have at the top. */
const at = (...names: string[]): Reading => names.flatMap((name) => [`properties.${name}`, name]);

const CATEGORIES =
  /^(?:SignInLogs|\w{4,24}SignInLogs|AuditLogs|DirectoryManagement|RiskyUsers|UserRiskEvents|RiskyServicePrincipals|ServicePrincipalRiskEvents|AAD\w{4,30})$/i;

const errorCode = ({ fields }: Document): number =>
  Number(
    textAt(fields, 'properties.status.errorCode') ?? textAt(fields, 'status.errorCode') ?? textAt(fields, 'resultType'),
  );

/**
 * Codes of a sign-in that was refused for what was presented. The others (a second factor is asked for, consent is missing,
 * a policy blocks) are no guesses.
 */
const REFUSED = new Set([
  ...[50_034, 50_053, 50_055, 50_056, 50_057, 50_059, 50_064, 50_126, 50_128, 50_144, 50_173, 80_012, 120_016],
  ...[7_000_112, 7_000_215, 7_000_222, 700_016, 500_121, 500_341],
]);

const isSignIn = ({ fields }: Document): boolean =>
  /sign-?in/i.test(`${textAt(fields, 'category') ?? ''} ${textAt(fields, 'operationName') ?? ''}`) ||
  textAt(fields, 'appDisplayName') !== undefined ||
  textAt(fields, 'riskLevelDuringSignIn') !== undefined;

const isRisk = ({ fields }: Document): boolean =>
  [...RISKS].some((path) => /^(?:low|medium|high)$/i.test(textAt(fields, path) ?? ''));
const RISKS = ['riskLevelDuringSignIn', 'riskLevelAggregated', 'riskLevel'].flatMap((name) => [
  `properties.${name}`,
  name,
]);

const signIn: Reading = (document) => {
  if (!isSignIn(document)) return isRisk(document) ? [] : [{ value: 'audit', pointer: '' }];
  const code = errorCode(document);
  const failed = code > 0 || /^fail/i.test(textAt(document.fields, 'resultType') ?? '');
  if (!failed) return [{ value: isRisk(document) ? 'risky sign-in' : 'sign-in', pointer: '' }];
  return [{ value: REFUSED.has(code) ? 'failed sign-in' : 'interrupted sign-in', pointer: '' }];
};

const outcome: Reading = (document) => {
  const code = errorCode(document);
  if (!isSignIn(document) || Number.isNaN(code)) return [];
  return [{ value: code === 0 ? 'success' : 'failure', pointer: '' }];
};

const clean = (reading: Reading): Reading =>
  turned(reading, (value) => (typeof value === 'string' && /^(?:other|none)\.?$/i.test(value) ? undefined : value));

const DETAILS = ['properties.additionalDetails', 'additionalDetails'];
const detailedIp = (list: string): Reading => inList(list, ({ key }) => key === 'ipaddr', 'value');

export const entraId = product({
  name: 'entra_id',
  title: 'Microsoft Entra ID (Azure AD) sign-in, risk or audit log',
  reference: 'https://learn.microsoft.com/en-us/entra/identity/monitoring-health/concept-activity-log-schemas',
  recognise: either(
    shape(['category', 'properties'], ({ category }) => CATEGORIES.test(String(category))),
    shape(['resourceId', 'properties'], ({ resourceId }) => /microsoft\.aadiam$/i.test(String(resourceId))),
    shape(['riskEventType', 'riskLevel']),
    shape(['riskLevelDuringSignIn', 'userPrincipalName']),
    shape(['riskLevel', 'riskState', 'riskLastUpdatedDateTime']),
    shape(['appDisplayName', 'userPrincipalName', 'status.errorCode']),
    shape(['UserPrincipalName', 'AppDisplayName', 'ResultType']),
    shape(['activityDisplayName', 'loggedByService', 'targetResources']),
  ),
  fields: {
    alert_id: at('id'),
    timestamp: [
      at('activityDateTime', 'createdDateTime', 'detectedDateTime', 'riskLastUpdatedDateTime'),
      'time',
      'TimeGenerated',
    ],
    severity: byTable(at('riskLevelDuringSignIn', 'riskLevel', 'riskLevelAggregated'), {
      low: 'low',
      medium: 'medium',
      high: 'high',
    }),
    title: [
      clean(at('riskEventType', 'status.failureReason')),
      'ResultDescription',
      at('activityDisplayName', 'operationName'),
    ],
    description: [at('status.failureReason', 'status.additionalDetails', 'resultReason'), 'resultDescription'],
    rule_id: at('riskEventType'),
    src_hostname: at('deviceDetail.displayName'),
    username: [
      at('userPrincipalName', 'initiatedBy.user.userPrincipalName', 'servicePrincipalName'),
      when(isSignIn, 'identity'),
    ],
    dest_username: at('targetResources.userPrincipalName'),
    src_ip: [at('ipAddress', 'initiatedBy.user.ipAddress'), 'callerIpAddress', ...DETAILS.map(detailedIp)],
    outcome,
    tags: clean(at('riskEventTypes', 'riskEventTypes_v2')),
    event_class: [
      at('riskEventType', 'riskEventTypes', 'riskEventTypes_v2'),
      signIn,
      turned(at('authenticationProtocol'), (protocol) => `protocol ${String(protocol)}`),
      joined(' > ', at('appDisplayName'), at('resourceDisplayName')),
      'category',
    ],
  },
});
