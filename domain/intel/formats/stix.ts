import { isObject } from '../../is-object';
import type { Finding, ReadOptions } from '../format';
import { jsonFormat, type JsonRecord, type RecordReader } from '../json-format';
import { readPattern, type PatternValue } from '../stix-pattern';
import { referenceOf } from '../stix/references';
import { Revocations } from '../stix/revocations';
import { TlpMarkings } from '../stix/tlp';
import { confidenceOf, found, listOf, problem, textOf, textsOf, told, type Told } from '../told';

/** Says that a value is bad, as every indicator here does, or nothing. */
const SAYING_NOTHING = ['malicious-activity', 'unknown'];

/** Indicators with markings that are defined behind them, or nowhere, wait for the end. */
const MOST_HELD = 2000;

/** What the objects are called that only say that something was seen. */
const OBSERVED =
  /^(?:observed-data|artifact|autonomous-system|directory|domain-name|email-(?:addr|message)|file|ipv[46]-addr|mac-addr|mutex|network-traffic|process|software|url|user-account|windows-registry-key|x509-certificate)$/;

/**
 * STIX 2.0 and 2.1: objects of bundles, of TAXII answers, or one after the other. Only indicators are read, since an
 * observable beside them repeats their value, and one alone says nothing bad of it.
 */
export const stix = jsonFormat({
  name: 'stix',
  title: 'STIX 2.0 and 2.1',
  arrays: ['objects'],
  fits: ({ type, id }) => typeof type === 'string' && typeof id === 'string' && id.startsWith(`${type}--`),
  open: reader,
});

/** What is known of the file so far. */
interface Reading {
  markings: TlpMarkings;
  revocations: Revocations;
  now: string;
}

function reader({ now }: ReadOptions): RecordReader {
  const markings = new TlpMarkings();
  const reading: Reading = { markings, revocations: new Revocations(now), now };
  const held: { object: JsonRecord; line: number }[] = [];
  let objects = 0;
  let indicators = 0;
  let observed = 0;
  return {
    read(object, line) {
      objects += 1;
      if (object['type'] === 'marking-definition') markings.define(object);
      if (typeof object['type'] === 'string' && OBSERVED.test(object['type'])) observed += 1;
      if (object['type'] !== 'indicator') return [];
      indicators += 1;
      reading.revocations.note(object);
      if (held.length < MOST_HELD && !markingsOf(object).every((id) => markings.knows(id))) {
        held.push({ object, line });
        return [];
      }
      return readIndicator(object, line, reading);
    },
    end() {
      if (indicators > 0) return held.flatMap(({ object, line }) => readIndicator(object, line, reading));
      const what = observed > 0 ? 'only what was observed, which nobody calls malicious' : 'no indicators';
      return [problem(1, 'unsupported', `${objects} objects`, `Holds ${what}: nothing to import`)];
    },
  };
}

/** Undefined when the object is an indicator of what is bad, in a pattern of STIX. */
function notForUs({ pattern_type, indicator_types, labels }: JsonRecord): string | undefined {
  const language = textOf(pattern_type) ?? 'stix';
  if (language.toLowerCase() !== 'stix') return `Is a pattern of ${language.slice(0, 50)}, not of STIX`;
  const types = [...listOf(indicator_types), ...listOf(labels)];
  const benign = types.includes('benign') && !types.includes('malicious-activity');
  return benign ? 'Is an indicator of what is benign' : undefined;
}

function readIndicator(object: JsonRecord, line: number, reading: Reading): Finding[] {
  const { pattern } = object;
  const name = textOf(pattern) ?? textOf(object['name']) ?? textOf(object['id']) ?? '';
  if (typeof pattern !== 'string') return [problem(line, 'refused', name, 'Has no pattern')];
  const other = notForUs(object);
  if (other !== undefined) return [problem(line, 'unsupported', name, other)];
  if (reading.revocations.outdates(object)) {
    return [problem(line, 'unsupported', name, 'Is older than the version that takes it back')];
  }
  const read = readPattern(pattern);
  if (!read.ok) return [problem(line, 'refused', name, read.reason)];
  const values = new Map(read.values.map((value) => [`${value.type ?? ''} ${value.text}`, value]));
  return [
    ...[...values.values()].map((value) => found(line, value.type, value.text, toldOf(object, value, reading))),
    ...(read.unread.length > 0 ? [problem(line, 'unsupported', name, read.unread.slice(0, 5).join('; '))] : []),
  ];
}

function markingsOf(object: JsonRecord): unknown[] {
  return [
    ...listOf(object['object_marking_refs']),
    ...listOf(object['granular_markings']).map((marking) => isObject(marking) && marking['marking_ref']),
  ];
}

function toldOf(object: JsonRecord, value: PatternValue, { markings, now }: Reading): Told {
  const marked = markingsOf(object);
  const types = textsOf(object['indicator_types']).filter((type) => !SAYING_NOTHING.includes(type));
  const labels = listOf(object['labels']).length > 0 ? textsOf(object['labels']) : [];
  const modified = textOf(object['modified']) ?? textOf(object['created']);
  const about = told(
    {
      confidence: object['confidence'] ?? threatstreamConfidence(labels),
      first_seen: value.from ?? object['valid_from'] ?? object['created'],
      last_seen: modified,
      said_at: object['modified'],
      expires_at: value.until ?? object['valid_until'],
      tags: [...labels, ...types, ...markings.labelsOf(marked).map((label) => `tlp:${label}`)],
      reference: referenceOf(object),
    },
    now,
  );
  return object['revoked'] === true ? { ...about, revoked: true } : about;
}

/** Anomali says it in a label. */
function threatstreamConfidence(labels: readonly string[]): number | undefined {
  const label = labels.find((each) => each.startsWith('threatstream-confidence-'));
  return confidenceOf(label?.slice('threatstream-confidence-'.length));
}
