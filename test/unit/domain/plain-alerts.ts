import type { Alert } from '../../../domain/alert';

/** One plain alert per playbook; tests change what they are about. */
export const brute: Partial<Alert> = {
  src_ip: '185.220.101.1',
  username: 'bob',
  hostname: 'web03',
  failed_attempts: 9,
  outcome: 'failure',
};

export const infected: Partial<Alert> = {
  file_hash: `${'a'.repeat(63)}b`,
  file_name: 'a.exe',
  hostname: 'ws1',
  executed: false,
  outcome: 'blocked',
};

export const mail: Partial<Alert> = {
  email_from: 'a@sender.com',
  email_to: ['me@corp.example'],
  url: 'https://lure.com/x',
  clicked: false,
};

export const inbound: Partial<Alert> = {
  src_ip: '185.220.101.1',
  dest_ip: '10.0.0.5',
  direction: 'inbound',
  outcome: 'blocked',
};

export const outbound: Partial<Alert> = { src_ip: '10.0.0.5', dest_ip: '185.220.101.1', outcome: 'allowed' };

export const moved: Partial<Alert> = {
  src_hostname: 'ws1',
  src_ip: '10.0.0.7',
  dest_hostname: 'app1',
  dest_ip: '10.0.0.8',
  username: 'bob',
};

export const admin: Partial<Alert> = {
  ...moved,
  src_hostname: 'jump01.corp.example',
  src_ip: '10.0.0.5',
  username: 'CORP\\svc-deploy',
  process: 'psexesvc.exe',
};

export const sent: Partial<Alert> = {
  src_ip: '10.0.0.7',
  hostname: 'ws1',
  domain: 'somewhere.com',
  bytes_out: 1_000_000,
  username: 'bob',
};
