import { product } from '../../format';
import { byTable, hostOf, matched, type Reading } from '../../readings';
import { shape } from '../../recognise';

const at = (...names: string[]): Reading => names.map((name) => `properties.${name}`);
const FIREWALLS =
  /^(?:AZFW\w{2,40}|AzureFirewall\w{2,40}|ApplicationGatewayFirewallLog|Front[dD]oorWebApplicationFirewallLog)$/;

/** `TCP request from 10.1.2.3:50000 to 203.0.113.7:443. Action: Deny. …`, as the older log has it. */
const line = (pattern: RegExp): Reading => matched(at('msg'), pattern);

export const azureFirewall = product({
  name: 'azure_firewall',
  title: 'Azure Firewall or web application firewall log',
  reference: 'https://learn.microsoft.com/en-us/azure/firewall/monitor-firewall-reference',
  recognise: shape(['category', 'properties'], ({ category }) => FIREWALLS.test(String(category))),
  fields: {
    timestamp: ['time', 'timeStamp'],
    title: at('ThreatDescription', 'message', 'ruleName', 'msg'),
    description: at('details.message', 'msg'),
    rule_id: at('ruleId', 'SignatureId'),
    src_ip: [at('SourceIp', 'clientIp', 'clientIP'), line(/ from ([0-9a-f.:]{3,45}?):\d{1,5} to /i)],
    src_port: [at('SourcePort', 'clientPort'), line(/ from [0-9a-f.:]{3,45}:(\d{1,5}) to /i)],
    dest_ip: [at('DestinationIp'), line(/ to ([0-9.]{7,15}):\d{1,5}/i)],
    dest_port: [at('DestinationPort'), line(/ to [^\s:]{1,255}:(\d{1,5})/i)],
    domain: [at('Fqdn'), hostOf(at('Url')), line(/ to ([a-z0-9.-]{1,250}\.[a-z]{2,24}):\d{1,5}/i)],
    url: at('Url', 'requestUri'),
    dest_hostname: at('hostname', 'host'),
    outcome: byTable([at('Action', 'action'), line(/Action: (\w{4,8})/i)], {
      Deny: 'blocked',
      Block: 'blocked',
      Blocked: 'blocked',
      Allow: 'allowed',
      Allowed: 'allowed',
      Matched: 'allowed',
      Detected: 'allowed',
      Alert: 'allowed',
    }),
    event_class: ['category', line(/(ThreatIntel)/i)],
  },
});
