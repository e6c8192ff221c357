import type { Tlp } from '../../alert';
import { patternOf } from '../stix/write-pattern';
import { NAMED_REFERENCE } from '../stix/references';
import { TLP_MARKING_IDS, tlpMarking } from '../stix/tlp';
import type { ExportedIoc, IocExport } from './export';
import { uuid5, type Sha1 } from './uuid5';

/** Of the ids that are made here; a random one. */
const NAMESPACE = '10c4a89e-13a5-416f-b26d-9efea3a877ca';
/** The identity never changes, so neither does its date. */
const IDENTITY_CREATED = '2026-01-01T00:00:00.000Z';

export interface StixExportOptions {
  /** Who tells: the name of the identity object. Another name gives other ids. */
  identity: string;
  /** The moment of the export. */
  now: string;
  sha1: Sha1;
}

/**
 * A STIX 2.1 bundle: an identity, the TLP 2.0 markings that are used, and an indicator for each entry, which has the same
 * id in every export. What an analyst has dismissed is no indicator. `modified` is when the value was last seen, so that
 * a re-import dates it as it stands here. Its confidence is what it was then: whoever reads it takes its age off by itself.
 */
export function stixExport({ identity: name, now, sha1 }: StixExportOptions): IocExport {
  const uuid = uuid5(NAMESPACE, sha1);
  const idOf = (type: string, ...names: string[]): string => `${type}--${uuid(JSON.stringify(names))}`;
  const identity = idOf('identity', name);
  const marked = new Set<Tlp>();

  function markingOf(tlp: Tlp | null): string {
    if (tlp === null || marked.has(tlp)) return '';
    marked.add(tlp);
    return following(tlpMarking(tlp));
  }

  return {
    mediaType: 'application/stix+json;version=2.1',
    extension: 'json',
    begin: () =>
      `{"type":"bundle","id":"${idOf('bundle', name, now)}","objects":[\n${JSON.stringify({
        type: 'identity',
        spec_version: '2.1',
        id: identity,
        created: IDENTITY_CREATED,
        modified: IDENTITY_CREATED,
        name,
        identity_class: 'organization',
      })}`,
    entry(ioc) {
      if (ioc.standing.state === 'dismissed') return '';
      const id = idOf('indicator', name, ioc.type, ioc.value);
      return markingOf(ioc.tlp) + following({ ...headOf(id, identity, ioc), ...bodyOf(ioc) });
    },
    end: () => '\n]}\n',
  };
}

function following(object: object): string {
  return `,\n${JSON.stringify(object)}`;
}

const MILLISECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(?=\d*Z$)/;

/** To the millisecond, as the standard wants it for versions. */
function versionOf(time: string): string {
  return MILLISECONDS.exec(time)?.[0].concat('Z') ?? new Date(Date.parse(time)).toISOString();
}

function headOf(id: string, identity: string, { first_seen, last_seen }: ExportedIoc): object {
  const created = versionOf(first_seen);
  const seen = versionOf(last_seen);
  const modified = seen > created ? seen : created;
  return { type: 'indicator', spec_version: '2.1', id, created_by_ref: identity, created, modified };
}

function bodyOf(ioc: ExportedIoc): object {
  const { type, value, base_confidence, expires_at: until, sources, tlp, tags, reference } = ioc;
  return {
    name: `${type} ${value}`,
    ...(sources.length > 0 ? { description: `Told by ${sources.join(', ')}` } : {}),
    indicator_types: ['malicious-activity'],
    pattern: patternOf(type, value),
    pattern_type: 'stix',
    pattern_version: '2.1',
    valid_from: validFrom(ioc),
    ...(until === null ? {} : { valid_until: until }),
    confidence: base_confidence,
    ...(tags.length > 0 ? { labels: tags } : {}),
    ...(reference === null ? {} : { external_references: [referenceOf(reference)] }),
    ...(tlp === null ? {} : { object_marking_refs: [TLP_MARKING_IDS[tlp]] }),
  };
}

/** Before the end, as the standard wants it, also of what ended before it was seen here. */
function validFrom({ first_seen, expires_at }: ExportedIoc): string {
  if (expires_at === null || first_seen < expires_at) return first_seen;
  return new Date(Date.parse(expires_at) - 1).toISOString();
}

function referenceOf(reference: string): object {
  const isUrl = /^https?:\/\//i.test(reference) && URL.canParse(reference);
  return { source_name: NAMED_REFERENCE, ...(isUrl ? { url: reference } : { description: reference }) };
}
