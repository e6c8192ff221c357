import type { Document } from '../../document';
import { product } from '../../format';
import { textAt, valuesAt } from '../../paths';
import { always, byTable, inList, joined, linkOf, when, type Reading } from '../../readings';
import { shape } from '../../recognise';
import { graded } from './graded';

const rules: Reading = [
  'terminatingRuleId',
  'ruleGroupList.terminatingRule.ruleId',
  'ruleGroupList.ruleGroupId',
  'nonTerminatingMatchingRules.ruleId',
  'ruleGroupList.nonTerminatingMatchingRules.ruleId',
];
const asked = inList('httpRequest.headers', ({ name }) => String(name).toLowerCase() === 'host', 'value');
const matches = ({ fields }: Document): boolean =>
  textAt(fields, 'action') !== 'ALLOW' ||
  ['nonTerminatingMatchingRules', 'ruleGroupList.nonTerminatingMatchingRules'].some((path) =>
    valuesAt(fields, path).some(({ value }) => typeof value === 'object'),
  );

export const awsWaf = product({
  name: 'aws_waf',
  title: 'AWS WAF log',
  reference: 'https://docs.aws.amazon.com/waf/latest/developerguide/logging-fields.html',
  recognise: shape(['webaclId', 'httpRequest.clientIp', 'action']),
  fields: {
    alert_id: 'httpRequest.requestId',
    timestamp: 'timestamp',
    title: joined(' ', always('AWS WAF'), 'terminatingRuleId'),
    rule_id: 'terminatingRuleId',
    severity: graded(rules, {
      high: ['*SQLi*', '*KnownBadInputs*', '*Log4J*', '*AdminProtection*', '*ReactJS*', '*RCE*'],
      medium: ['*CommonRuleSet*', '*XSS*', '*LFI*', '*RFI*', '*Linux*', '*Windows*', '*PHP*', '*WordPress*'],
    }),
    src_ip: 'httpRequest.clientIp',
    dest_hostname: asked,
    url: linkOf(asked, 'httpRequest.uri'),
    outcome: byTable('action', { BLOCK: 'blocked', ALLOW: 'allowed', CAPTCHA: 'blocked', CHALLENGE: 'blocked' }),
    event_class: [when(matches, always('match')), rules],
  },
});
