import { product } from '../../format';
import { valuesAt } from '../../paths';
import { bySteps, byWords, inList, matched, turned, type Reading } from '../../readings';
import { isObject } from '../../../is-object';
import { shape } from '../../recognise';

/** What a product wrote flat into `ProductFields`: `aws/guardduty/service/action/…/remoteIpDetails/ipAddressV4`. */
function productField(ends: RegExp): Reading {
  return ({ fields }) => {
    const [own] = valuesAt(fields, 'ProductFields');
    if (!own || !isObject(own.value)) return [];
    return Object.entries(own.value)
      .filter(([key]) => ends.test(key))
      .map(([, value]) => ({ value, pointer: own.pointer }));
  };
}

const ACTIONS = ['NetworkConnectionAction', 'AwsApiCallAction', 'PortProbeAction.PortProbeDetails'];
const indicator = (kind: string): Reading => inList('ThreatIntelIndicators', ({ Type }) => Type === kind, 'Value');
const instance = inList('Resources', ({ Type }) => Type === 'AwsEc2Instance', 'Id');

export const securityHub = product({
  name: 'security_hub',
  title: 'AWS Security Hub finding (ASFF)',
  reference: 'https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format-syntax.html',
  recognise: shape(['ProductArn', 'Id', 'Title', 'Severity']),
  fields: {
    alert_id: 'Id',
    timestamp: ['CreatedAt', 'FirstObservedAt', 'UpdatedAt'],
    title: 'Title',
    description: 'Description',
    rule_id: ['Compliance.SecurityControlId', 'ProductFields.RuleId', 'ProductFields.ControlId'],
    severity: [
      byWords(['Severity.Label', 'FindingProviderFields.Severity.Label']),
      bySteps('Severity.Normalized', { low: 0, medium: 40, high: 70, critical: 90 }),
    ],
    src_ip: [
      ...ACTIONS.map((action) => `Action.${action}.RemoteIpDetails.IpAddressV4`),
      productField(/\/remoteIpDetails\/ipAddressV[46]$/i),
      'Network.SourceIpV4',
      'Network.SourceIpV6',
      // a custom product's action is at times its text, and not JSON
      matched('Action', /'IpAddressV4': '([\d.]{7,15})'/),
    ],
    src_port: 'Network.SourcePort',
    dest_ip: [
      ...ACTIONS.map((action) => `Action.${action}.LocalIpDetails.IpAddressV4`),
      productField(/\/localIpDetails\/ipAddressV[46]$/i),
      'Network.DestinationIpV4',
      'Network.DestinationIpV6',
    ],
    dest_port: 'Network.DestinationPort',
    hostname: matched(instance, /\bi-[0-9a-f]{8,17}\b/),
    username: [
      'Resources.Details.AwsIamAccessKey.PrincipalName',
      'Resources.Details.AwsIamAccessKey.UserName',
      'Resources.Details.AwsIamUser.UserName',
      matched('Resources.Details.AwsIamAccessKey.PrincipalId', /:([\w+=,.@-]{1,64})$/),
    ],
    domain: [
      'Action.DnsRequestAction.Domain',
      productField(/\/dnsRequestAction\/domain$/i),
      indicator('DOMAIN'),
      'Network.DestinationDomain',
    ],
    url: indicator('URL'),
    file_name: ['Malware.Path', 'Malware.Name'],
    file_hashes: ['HASH_SHA256', 'HASH_SHA1', 'HASH_MD5'].map(indicator),
    process: ['Process.Path', 'Process.Name'],
    event_class: [
      'Types',
      'FindingProviderFields.Types',
      turned('Compliance.Status', (status) => `compliance/${String(status)}`),
      turned('ProductName', (name) => `product/${String(name)}`),
    ],
  },
});
