import { product } from '../../format';
import { textAt } from '../../paths';
import { byWords, inList, when, type Reading } from '../../readings';
import { either, shape } from '../../recognise';

const machine = (of: string): Reading =>
  when(({ fields }) => /^virtual_?machine$/i.test(textAt(fields, `${of}.type`) ?? ''), `${of}.name`);

export const wiz = product({
  name: 'wiz',
  title: 'Wiz issue, or detection of Wiz Defend',
  reference: 'https://docs.wiz.io/docs/webhook-integration',
  recognise: either(
    shape(['control.name', 'issue.id', 'issue.severity']),
    shape(['sourceRule', 'entitySnapshot', 'severity']),
    shape(['tdrId', 'primaryResource', 'severity']),
  ),
  fields: {
    alert_id: ['issue.id', 'id'],
    timestamp: ['issue.created', 'createdAt', 'timeframe.start'],
    title: ['control.name', 'sourceRule.name', 'title', 'tdrId'],
    description: ['control.description', 'sourceRule.controlDescription', 'description'],
    rule_id: ['control.id', 'sourceRule.id', 'tdrId'],
    rule_name: ['control.name', 'sourceRule.name', 'title'],
    severity: byWords(['issue.severity', 'severity', 'control.severity']),
    src_ip: [
      'primaryActor.externalId',
      inList('actors', ({ type }) => type === 'NETWORK_ADDRESS', 'externalId', 'name'),
    ],
    username: inList('actors', ({ type }) => type === 'USER_ACCOUNT' || type === 'SERVICE_ACCOUNT', 'name'),
    hostname: ['resource', 'primaryResource', 'entitySnapshot'].map(machine),
    mitre: 'mitreTechniques',
    event_class: ['type', 'tdrSource'],
  },
});
