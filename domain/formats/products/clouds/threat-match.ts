import { isObject } from '../../../is-object';
import type { Document } from '../../document';
import { product } from '../../format';
import { valuesAt, type Found } from '../../paths';
import { always, byTable, type Reading } from '../../readings';
import { shape } from '../../recognise';

/**
 * Panther adds to a log event what its lookup tables know of the values in it: each table is an object whose keys are the
 * values it knows.
 */
function rows(document: Document, table: string): Found[] {
  return valuesAt(document.fields, `p_enrichment.${table}`).flatMap(({ value, pointer }) =>
    isObject(value) ? Object.entries(value).map(([key, row]) => ({ value: row, pointer: `${pointer}/${key}` })) : [],
  );
}

const members =
  (table: string, ...paths: string[]): Reading =>
  (document) =>
    rows(document, table).flatMap(({ value, pointer }) =>
      isObject(value) ? paths.flatMap((path) => valuesAt(value, path).map((found) => ({ ...found, pointer }))) : [],
    );

const scanner = (...paths: string[]): Reading =>
  members('greynoise_noise', ...paths.map((path) => `internet_scanner_intelligence.${path}`), ...paths);
const time: Reading = ['p_event_time', 'eventTime', 'timestamp'];

export const greynoise = product({
  name: 'greynoise',
  title: 'Log event that GreyNoise enriched (Panther)',
  reference: 'https://docs.panther.com/enrichment/greynoise',
  recognise: shape(['p_log_type', 'p_enrichment.greynoise_noise']),
  fields: {
    timestamp: time,
    title: scanner('tags.name', 'actor'),
    severity: byTable(scanner('classification'), {
      ...{ malicious: 'high', suspicious: 'high', unknown: 'medium', benign: 'low' },
    }),
    src_ip: members('greynoise_noise', 'ip'),
    tags: scanner('tags.name'),
    event_class: scanner('classification'),
  },
});

const pulse = (...paths: string[]): Reading => members('pulses_otx', ...paths);
const indicator =
  (kind: RegExp): Reading =>
  (document) =>
    rows(document, 'pulses_otx').flatMap(({ value, pointer }) =>
      isObject(value) && kind.test(String(value.indicator_type)) ? [{ value: value.indicator, pointer }] : [],
    );

export const otx = product({
  name: 'otx_match',
  title: 'Log event with an indicator of AlienVault OTX (Panther)',
  reference: 'https://docs.panther.com/enrichment/otx',
  recognise: shape(['p_log_type', 'p_enrichment.pulses_otx']),
  fields: {
    timestamp: time,
    title: pulse('name'),
    description: pulse('description'),
    // a pulse has no grade; Panther's own rule calls every match high
    severity: always('high'),
    src_ip: indicator(/^IPv[46]$/i),
    domain: indicator(/^(?:domain|hostname)$/i),
    url: indicator(/^ur[il]$/i),
    file_hashes: indicator(/^FileHash/i),
    email_from: indicator(/^email$/i),
    tags: pulse('tags', 'malware_families', 'adversary'),
    event_class: pulse('indicator_type'),
  },
});
