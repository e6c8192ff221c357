import type { Document } from '../../document';
import { product } from '../../format';
import { has, valuesAt } from '../../paths';
import { byTable, byWords, when, type Reading } from '../../readings';
import { shape } from '../../recognise';
import { webLink } from './wazuh';

/** Logs of services that the agent only fetches: their hosts and links are not what is accused. */
const SERVICES = /^(?:aws|amazon|azure|gcp|google|o365|office|okta|github|gitlab|cloudflare|ms-graph)/i;
const isFetched = ({ fields }: Document): boolean =>
  ['wazuh.integration.name', 'wazuh.integration.decoders'].some((path) =>
    valuesAt(fields, path).some(({ value }) => typeof value === 'string' && SERVICES.test(value)),
  );

const ofHost = (...readings: Reading[]): Reading => when((document) => !isFetched(document), ...readings);

export const wazuhFinding = product({
  name: 'wazuh_finding',
  title: 'Wazuh 5 finding (Wazuh Common Schema)',
  reference: 'https://documentation.wazuh.com/current/development/wazuh-common-schema.html',
  recognise: shape(['wazuh.rule.title']),
  fields: {
    alert_id: ['event.doc_id', 'wazuh.event.id', 'event.id'],
    timestamp: '@timestamp',
    rule_id: 'wazuh.rule.id',
    rule_name: 'wazuh.rule.title',
    severity: byWords('wazuh.rule.level'),
    mitre: ['wazuh.rule.mitre.subtechnique.id', 'wazuh.rule.mitre.technique.id'],
    tags: ['wazuh.integration.name', 'wazuh.integration.decoders', 'wazuh.rule.tags'],
    hostname: ofHost('host.hostname', 'host.name', 'wazuh.agent.host.hostname', 'wazuh.agent.name'),
    // an agent may pass on what other hosts logged
    host_ip: ofHost(
      'host.ip',
      when(({ fields }) => !has(fields, 'host.hostname'), 'wazuh.agent.host.ip'),
    ),
    src_ip: ['source.ip', 'client.ip'],
    src_port: ['source.port', 'client.port'],
    dest_ip: ['destination.ip', 'server.ip'],
    dest_port: ['destination.port', 'server.port'],
    username: ['user.name', 'user.email', 'client.user.name', 'client.user.email', 'source.user.name'],
    dest_username: 'user.target.name',
    domain: 'dns.question.name',
    url: ofHost(webLink('url.full', 'url.original')),
    file_hashes: [
      ...['file.hash.sha256', 'file.hash.sha1', 'file.hash.md5', 'process.hash.sha256', 'process.hash.md5'],
      ...['sha256', 'sha1', 'md5'].map((kind) => `wazuh.threat.enrichments.indicator.file.hash.${kind}`),
    ],
    file_name: ['file.path', 'file.name'],
    process: ['process.executable', 'process.name'],
    parent_process: ['process.parent.executable', 'process.parent.name'],
    command_line: 'process.command_line',
    outcome: byTable('event.outcome', { success: 'success', failure: 'failure' }),
    raw_log: 'event.original',
    event_class: ['event.category', 'event.action'],
  },
});
