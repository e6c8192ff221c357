import type { Fields } from '../../document';
import { product } from '../../format';
import { has, textAt } from '../../paths';
import { joined, type Reading } from '../../readings';
import { shape } from '../../recognise';
import { graded } from '../clouds/graded';

const isEvent = (fields: Fields): boolean =>
  /^[a-z_]{2,60}\.[a-z_]{2,80}$/.test(textAt(fields, 'action') ?? '') &&
  ['org', 'org_id', 'business', 'repo', 'repo_id'].some((path) => has(fields, path));

const classes: Reading = ['action', joined('/', 'action', ['visibility', 'repository_visibility'])];

export const github = product({
  name: 'github',
  title: 'GitHub audit log',
  reference:
    'https://docs.github.com/en/organizations/keeping-your-organization-secure/managing-security-settings-for-your-organization/audit-log-events-for-your-organization',
  recognise: shape(['action', 'actor'], isEvent),
  fields: {
    alert_id: '_document_id',
    timestamp: ['@timestamp', 'created_at', 'at_sign_timestamp'],
    title: 'action',
    severity: graded(classes, {
      high: [
        'protected_branch.destroy',
        'org.disable_two_factor_requirement',
        'two_factor_authentication.disabled',
        'org.*saml*',
        'business.*saml*',
        'repo.access/public',
        'ip_allow_list*',
      ],
      medium: [
        'secret_scanning_alert.*',
        'protected_branch.*',
        'repository_ruleset.*',
        'repo.transfer*',
        'public_key.*',
        'hook.*',
        'integration_installation.*',
        'org.update_member',
        '*.disable',
        'repository_vulnerability_alert*.dismiss',
      ],
    }),
    src_ip: 'actor_ip',
    username: 'actor',
    dest_username: 'user',
    event_class: classes,
  },
});
