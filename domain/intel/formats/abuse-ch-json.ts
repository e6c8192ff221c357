import type { Finding, IocType } from '../indicator';
import type { IntelFormat } from '../format';
import { ANY_NUMBER } from '../../split-json';
import { jsonFormat, type JsonRecord } from '../json-format';
import { found, problem, textOf, textsOf, told } from '../told';
import { typeNamed } from '../type-names';

/** Values of a record by the field they stand in, all of the same thing. */
type Values = readonly (readonly [IocType, unknown])[];

function readValues(values: Values, raw: Parameters<typeof told>[0], line: number, now: string): Finding[] {
  const about = told(raw, now);
  return values.flatMap(([type, value]) => {
    const text = textOf(value);
    return text === undefined ? [] : [found(line, type, text, about)];
  });
}

const urlhausJson = jsonFormat({
  name: 'urlhaus-json',
  title: 'URLhaus (JSON)',
  arrays: ['urls', 'payloads', ANY_NUMBER],
  fits: (record) => 'urlhaus_reference' in record || 'urlhaus_link' in record || 'urlhaus_download' in record,
  open: ({ now }) => ({
    read: (record, line) =>
      readValues(
        [
          ['url', record['url']],
          ['sha256', record['sha256_hash']],
          ['md5', record['md5_hash']],
        ],
        {
          first_seen: record['date_added'] ?? record['dateadded'] ?? record['firstseen'],
          last_seen: record['last_online'] ?? record['lastseen'],
          tags: [...textsOf(record['tags']), ...textsOf([record['threat'], record['signature']])],
          reference: record['urlhaus_reference'] ?? record['urlhaus_link'],
        },
        line,
        now,
      ),
  }),
});

const threatfoxJson = jsonFormat({
  name: 'threatfox-json',
  title: 'ThreatFox (JSON)',
  arrays: ['data', ANY_NUMBER],
  fits: (record) => 'ioc_type' in record && ('ioc' in record || 'ioc_value' in record),
  open: ({ now }) => ({ read: (record, line, path) => [readThreatfox(record, path, line, now)] }),
});

/** Dumps name the id only around the record. */
function readThreatfox(record: JsonRecord, path: readonly string[], line: number, now: string): Finding {
  const text = textOf(record['ioc'] ?? record['ioc_value']) ?? '';
  const word = textOf(record['ioc_type']) ?? '';
  const type = typeNamed(word);
  if (type === undefined || type === 'unsupported') {
    return problem(line, 'unsupported', text, `Is of type ${word.slice(0, 50)}, which cannot be looked up`);
  }
  const id = textOf(record['id']) ?? path.find((name) => /^\d+$/.test(name));
  const about = told(
    {
      confidence: record['confidence_level'],
      first_seen: record['first_seen'] ?? record['first_seen_utc'],
      last_seen: record['last_seen'] ?? record['last_seen_utc'],
      tags: [...textsOf(record['tags']), ...textsOf([record['malware_printable'], record['threat_type']])],
      reference: id === undefined ? record['reference'] : `https://threatfox.abuse.ch/ioc/${encodeURIComponent(id)}/`,
    },
    now,
  );
  return found(line, type, text, about);
}

const malwareBazaarJson = jsonFormat({
  name: 'malwarebazaar-json',
  title: 'MalwareBazaar (JSON)',
  arrays: ['data'],
  fits: (record) => 'sha256_hash' in record && ('file_type_mime' in record || 'file_type' in record),
  open: ({ now }) => ({
    read: (record, line) =>
      readValues(
        [
          ['sha256', record['sha256_hash']],
          ['sha1', record['sha1_hash']],
          ['md5', record['md5_hash']],
        ],
        {
          first_seen: record['first_seen'],
          last_seen: record['last_seen'],
          tags: [...textsOf(record['tags']), ...textsOf([record['signature']])],
          reference: `https://bazaar.abuse.ch/sample/${encodeURIComponent(textOf(record['sha256_hash']) ?? '')}/`,
        },
        line,
        now,
      ),
  }),
});

const feodoJson = jsonFormat({
  name: 'feodo-json',
  title: 'Feodo Tracker (JSON)',
  arrays: [],
  fits: (record) => 'ip_address' in record && 'malware' in record && 'last_online' in record,
  open: ({ now }) => ({
    read: (record, line) =>
      readValues(
        [['ip', record['ip_address']]],
        {
          first_seen: record['first_seen'],
          last_seen: record['last_online'],
          tags: textsOf([record['malware']]),
        },
        line,
        now,
      ),
  }),
});

/** What the projects of abuse.ch answer and dump as JSON; hashes of one sample are each an indicator. */
export const abuseChJson: readonly IntelFormat[] = [urlhausJson, threatfoxJson, malwareBazaarJson, feodoJson];
