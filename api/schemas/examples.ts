import type { Examples } from '../define-route';

/** Bodies shown in the reference. */
export const submissionExamples: Examples = {
  brute_force: {
    summary: 'Failed logins from one address',
    value: {
      source: 'firewall',
      alert_id: 'FW-2231',
      alert_type: 'brute_force',
      severity: 'high',
      src_ip: '185.220.101.1',
      username: 'administrator',
      failed_attempts: 240,
      outcome: 'failure',
    },
  },
  unclassified_text: {
    summary: 'A type is found where it is missing',
    value: {
      source: 'mail-gateway',
      title: 'Reported phishing: invoice overdue',
      email_from: 'billing@examp1e.test',
      urls: ['hxxps://login.examp1e[.]test/session'],
      clicked: false,
    },
  },
};

export const batchExamples: Examples = {
  two: {
    summary: 'Two alerts of one sensor',
    value: [
      { source: 'ids', alert_id: 'S-17', alert_type: 'suspicious_ip', src_ip: '203.0.113.9', direction: 'inbound' },
      { source: 'ids', alert_id: 'S-18', alert_type: 'suspicious_ip', src_ip: '203.0.113.10', direction: 'inbound' },
    ],
  },
};
