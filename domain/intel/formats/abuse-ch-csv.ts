import { dateText } from '../dates';
import type { IntelFormat } from '../format';
import { columnFindings, tagsIn, typedFindings } from '../rows';
import { tableFormat } from '../table';
import { problem, told } from '../told';

const urlhausCsv = tableFormat({
  name: 'urlhaus-csv',
  title: 'URLhaus (CSV)',
  header: ['dateadded', 'url', 'urlhaus_link'],
  read: (row, { now }) =>
    columnFindings(
      row,
      'url',
      'url',
      told(
        {
          first_seen: row.cell('dateadded'),
          last_seen: row.cell('last_online'),
          tags: [...tagsIn(row.cell('tags')), ...tagsIn(row.cell('threat'))],
          reference: row.cell('urlhaus_link'),
        },
        now,
      ),
    ),
});

const threatfoxCsv = tableFormat({
  name: 'threatfox-csv',
  title: 'ThreatFox (CSV)',
  header: ['ioc_value', 'ioc_type', 'threat_type'],
  read(row, { now }) {
    const id = row.cell('ioc_id');
    const named = [row.cell('malware_printable'), row.cell('threat_type')].filter((name) => name !== undefined);
    const compromised = /^(?:1|true|yes)$/i.test(row.cell('is_compromised') ?? '') ? ['compromised'] : [];
    const about = told(
      {
        confidence: row.cell('confidence_level'),
        first_seen: row.cell('first_seen_utc'),
        last_seen: row.cell('last_seen_utc'),
        tags: [...tagsIn(row.cell('tags')), ...named, ...compromised],
        reference:
          id === undefined ? row.cell('reference') : `https://threatfox.abuse.ch/ioc/${encodeURIComponent(id)}/`,
      },
      now,
    );
    return typedFindings(row.line, row.cell('ioc_type') ?? '', row.cell('ioc_value') ?? '', about);
  },
});

const feodoCsv = tableFormat({
  name: 'feodo-csv',
  title: 'Feodo Tracker (CSV)',
  header: ['dst_ip', 'dst_port', 'malware'],
  read: (row, { now }) =>
    columnFindings(
      row,
      'dst_ip',
      'ip',
      told(
        {
          first_seen: row.cell('first_seen_utc') ?? row.cell('firstseen'),
          last_seen: dateText(row.cell('last_online')),
          tags: tagsIn(row.cell('malware')),
        },
        now,
      ),
    ),
});

const malwareBazaarCsv = tableFormat({
  name: 'malwarebazaar-csv',
  title: 'MalwareBazaar (CSV)',
  header: ['sha256_hash', 'md5_hash', 'sha1_hash', 'signature'],
  read(row, { now }) {
    const sample = row.cell('sha256_hash');
    const about = told(
      {
        first_seen: row.cell('first_seen_utc'),
        tags: tagsIn(row.cell('signature')),
        reference: sample && `https://bazaar.abuse.ch/sample/${encodeURIComponent(sample)}/`,
      },
      now,
    );
    return (['sha256', 'sha1', 'md5'] as const).flatMap((type) => columnFindings(row, `${type}_hash`, type, about));
  },
});

/** Fingerprints of certificates look like hashes of files; as such they would be found by nobody. */
const sslblCsv = tableFormat({
  name: 'sslbl-csv',
  title: 'SSLBL certificates (CSV)',
  header: ['listingdate', 'sha1', 'listingreason'],
  read: (row) => [
    problem(
      row.line,
      'unsupported',
      row.cell('sha1') ?? row.text,
      'Is the fingerprint of a certificate, not of a file',
    ),
  ],
});

/** Of the way a client greets a server, not of a file. */
const sslblJa3 = tableFormat({
  name: 'sslbl-ja3',
  title: 'SSLBL JA3 fingerprints (CSV)',
  header: ['ja3_md5', 'firstseen', 'listingreason'],
  read: (row) => [
    problem(row.line, 'unsupported', row.cell('ja3_md5') ?? row.text, 'Is a JA3 fingerprint, not the hash of a file'),
  ],
});

/** What the projects of abuse.ch export as CSV; columns are found by their names, since some were put in between. */
export const abuseChCsv: readonly IntelFormat[] = [
  urlhausCsv,
  threatfoxCsv,
  feodoCsv,
  malwareBazaarCsv,
  sslblCsv,
  sslblJa3,
];
