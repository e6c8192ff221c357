import { isPublicDomain } from '../../hostnames';
import { product } from '../format';
import type { FieldMap } from '../map-fields';
import { bySteps, byTable, byWords, turned, type Reading } from '../readings';
import { has, textAt } from '../paths';
import { shape } from '../recognise';

/** Kibana's own steps of risk scores. */
export const byElasticRisk = (...readings: Reading[]): Reading =>
  bySteps(readings, { low: 0, medium: 22, high: 48, critical: 74 });

const LOCAL = /^(?:127\.|::1$|fe80:|169\.254\.|172\.17\.)/i;

/** A host lists all of its addresses; those that every host has, or that it has only inside itself, are none of its own. */
const hostAddress = turned('host.ip', (value) => (LOCAL.test(String(value)) ? undefined : value));

const publicName = (reading: Reading): Reading =>
  turned(reading, (value) => (typeof value === 'string' && isPublicDomain(value) ? value : undefined));

/** Where the Elastic Common Schema keeps what we want to know; products that speak it override what they mean otherwise. */
export const ecsFields: FieldMap = {
  alert_id: 'event.id',
  timestamp: ['@timestamp', 'event.created'],
  rule_id: 'rule.id',
  rule_name: ['rule.name', 'event.action'],
  title: ['rule.name', 'message', 'event.action'],
  description: ['rule.description', 'event.reason', 'message'],
  severity: [byWords('event.severity'), byElasticRisk('event.risk_score', 'event.severity')],
  host_ip: hostAddress,
  src_ip: ['source.ip', 'client.ip', 'source.address'],
  src_port: ['source.port', 'client.port'],
  src_hostname: ['source.domain', 'client.domain'],
  dest_ip: ['destination.ip', 'server.ip', 'destination.address'],
  dest_port: ['destination.port', 'server.port'],
  dest_hostname: ['destination.domain', 'server.domain'],
  hostname: ['host.name', 'host.hostname'],
  username: ['user.name', 'user.email', 'source.user.name', 'client.user.name'],
  dest_username: ['user.target.name', 'destination.user.name'],
  domain: ['url.domain', 'dns.question.name', publicName('destination.domain')],
  url: ['url.full', 'url.original'],
  file_hashes: [
    ...['file.hash.sha256', 'file.hash.sha1', 'file.hash.md5'],
    ...['process.hash.sha256', 'process.hash.sha1', 'process.hash.md5'],
  ],
  file_name: ['file.path', 'file.name', 'email.attachments.file.name'],
  process: ['process.executable', 'process.name'],
  parent_process: ['process.parent.executable', 'process.parent.name'],
  command_line: 'process.command_line',
  email_from: ['email.from.address', 'email.sender.address'],
  email_to: 'email.to.address',
  email_subject: 'email.subject',
  reply_to: 'email.reply_to.address',
  bytes_out: 'source.bytes',
  outcome: byTable('event.outcome', { success: 'success', failure: 'failure' }),
  direction: byTable('network.direction', {
    ...{ inbound: 'inbound', ingress: 'inbound', outbound: 'outbound', egress: 'outbound', internal: 'internal' },
  }),
  mitre: ['threat.technique.id', 'threat.technique.subtechnique.id'],
  tags: 'tags',
  event_class: ['event.category', 'event.action', 'event.code', 'event.dataset', 'event.module'],
};

export const ecs = product({
  name: 'ecs',
  title: 'Elastic Common Schema',
  reference: 'https://www.elastic.co/docs/reference/ecs/ecs-field-reference',
  recognise: shape(['@timestamp'], (fields) => {
    const kind = textAt(fields, 'event.kind');
    const schema = has(fields, 'ecs.version');
    return (
      kind === 'alert' ||
      kind === 'signal' ||
      (schema && (has(fields, 'event.category') || has(fields, 'event.action') || has(fields, 'rule.name')))
    );
  }),
  fields: ecsFields,
});
