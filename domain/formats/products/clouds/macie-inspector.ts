import { product } from '../../format';
import { byWords, turned } from '../../readings';
import { shape } from '../../recognise';

export const macie = product({
  name: 'macie',
  title: 'Amazon Macie finding',
  reference: 'https://docs.aws.amazon.com/macie/latest/APIReference/findings-describe.html',
  recognise: shape(['resourcesAffected', 'severity.description', 'type']),
  fields: {
    alert_id: 'id',
    timestamp: ['createdAt', 'updatedAt'],
    title: 'title',
    description: 'description',
    rule_id: 'type',
    severity: byWords('severity.description'),
    src_ip: 'policyDetails.actor.ipAddressDetails.ipAddressV4',
    username: [
      'policyDetails.actor.userIdentity.iamUser.userName',
      'policyDetails.actor.userIdentity.assumedRole.sessionContext.sessionIssuer.userName',
    ],
    file_name: 'resourcesAffected.s3Object.path',
    event_class: 'type',
  },
});

export const inspector = product({
  name: 'inspector',
  title: 'Amazon Inspector finding',
  reference: 'https://docs.aws.amazon.com/inspector/v2/APIReference/API_Finding.html',
  recognise: shape(['findingArn', 'type', 'severity', 'resources']),
  fields: {
    alert_id: 'findingArn',
    timestamp: ['firstObservedAt', 'updatedAt'],
    title: 'title',
    description: 'description',
    rule_id: 'packageVulnerabilityDetails.vulnerabilityId',
    severity: byWords('severity', { UNTRIAGED: 'low' }),
    hostname: turned('resources.id', (id) => /\bi-[0-9a-f]{8,17}\b/.exec(String(id))?.[0]),
    event_class: 'type',
  },
});
