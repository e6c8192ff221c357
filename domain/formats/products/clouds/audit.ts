import type { Reading } from '../../readings';
import { byTable } from '../../readings';
import { product } from '../../format';
import { shape } from '../../recognise';
import { graded } from './graded';

const outcome = (of: Reading): Reading =>
  byTable(of, {
    SUCCESS: 'success',
    SUCCEEDED: 'success',
    FAILED: 'failure',
    FAILURE: 'failure',
    ACCESS_DENIED: 'failure',
  });

export const wizAudit = product({
  name: 'wiz_audit',
  title: 'Wiz audit log',
  reference: 'https://docs.wiz.io/docs/audit-logs',
  recognise: shape(['action', 'sourceip', 'requestid', 'status']),
  fields: {
    alert_id: 'id',
    timestamp: 'timestamp',
    title: 'action',
    severity: graded('action', {
      high: ['*SAML*', '*ServiceAccount', '*IPRestrictions'],
      medium: ['Delete*', 'Update*', 'Revoke*', 'Rotate*'],
    }),
    src_ip: 'sourceip',
    username: ['user.id', 'user.name', 'serviceaccount.name'],
    outcome: outcome('status'),
    event_class: 'action',
  },
});

export const pantherAudit = product({
  name: 'panther_audit',
  title: 'Panther audit log',
  reference: 'https://docs.panther.com/system-configuration/panther-audit-logs',
  recognise: shape(['actionName', 'actionResult', 'actor']),
  fields: {
    timestamp: 'timestamp',
    title: 'actionName',
    severity: graded('actionName', { high: ['*SAML*', '*USER_ROLE', 'UPDATE_USER'], medium: ['DELETE_*'] }),
    src_ip: 'sourceIP',
    username: ['actor.attributes.email', 'actor.name'],
    outcome: outcome('actionResult'),
    event_class: 'actionName',
  },
});
