import type { Finding } from '../format';
import { isObject } from '../../is-object';
import { jsonFormat, type JsonRecord } from '../json-format';
import { found, listOf, problem, textOf, textsOf, told } from '../told';
import { typeNamed } from '../type-names';

/** Pulses of AlienVault OTX, as its API answers or as files. */
export const otx = jsonFormat({
  name: 'otx',
  title: 'AlienVault OTX pulses',
  arrays: ['results'],
  fits: ({ indicators }) =>
    Array.isArray(indicators) && indicators.every((each) => isObject(each) && 'indicator' in each),
  open: ({ now }) => ({
    read: (pulse, line) =>
      listOf(pulse['indicators'])
        .filter(isObject)
        .map((indicator) => readIndicator(indicator, pulse, line, now)),
  }),
});

function readIndicator(indicator: JsonRecord, pulse: JsonRecord, line: number, now: string): Finding {
  const text = textOf(indicator['indicator']) ?? '';
  const word = textOf(indicator['type']) ?? '';
  const type = typeNamed(word);
  if (type === undefined || type === 'unsupported') {
    return problem(line, 'unsupported', text, `Is of type ${word.slice(0, 50)}, which cannot be looked up`);
  }
  if (indicator['is_active'] === 0 || indicator['is_active'] === false) {
    return problem(line, 'unsupported', text, 'Is no longer active, as its pulse says');
  }
  return found(line, type, text, told(rawOf(indicator, pulse), now));
}

function rawOf(indicator: JsonRecord, pulse: JsonRecord): Parameters<typeof told>[0] {
  const label = textOf(pulse['TLP'] ?? pulse['tlp']);
  const link = textsOf(pulse['references']).find((reference) => /^https?:\/\//i.test(reference));
  const id = textOf(pulse['id']);
  return {
    first_seen: indicator['created'] ?? pulse['created'],
    last_seen: indicator['created'] ?? pulse['modified'],
    expires_at: indicator['expiration'],
    tags: [...textsOf(pulse['tags']), ...(label === undefined ? [] : [`tlp:${label}`])],
    reference: id === undefined ? link : `https://otx.alienvault.com/pulse/${encodeURIComponent(id)}`,
  };
}
