import { createHash } from 'node:crypto';
import { csvExport } from '../../domain/intel/exports/csv';
import type { ExportedIoc, IocExport } from '../../domain/intel/exports/export';
import { plainExport } from '../../domain/intel/exports/plain';
import { stixExport } from '../../domain/intel/exports/stix';
import type { IocType } from '../../domain/intel/indicator';
import type { IocState } from '../../domain/ioc-decay';
import { warningNames } from '../../domain/ioc-warnings';
import { defineRoute } from '../define-route';
import type { StandingIoc } from '../ioc-shown';
import { wantedIocs, type IocWish } from '../ioc-walk';
import { API } from '../links';
import { invalidFields } from '../problems';
import { iocExportQuery } from '../schemas/ioc-entry';

const PATH = `${API}/iocs/export`;
/** Who tells, in a STIX bundle. */
const IDENTITY = 'SOAR Suite';
const IN_FORCE: readonly IocState[] = ['active', 'confirmed'];

export const exportIocs = defineRoute({
  method: 'get',
  path: PATH,
  group: 'IOCs',
  summary: 'Export the IOC database: CSV, STIX 2.1, or a plain list for firewalls',
  description:
    'Sent as it is read, newest first, whatever the size; a connection that breaks off is a failure, and never the end. ' +
    'What has expired, is special here or on a warning list is left out unless asked for, and what an analyst has ' +
    'dismissed always. `tlp` is the strictest label that may go out; without it everything does. `min_confidence` is of ' +
    'what is left today; the confidence in the file is that of its dates, and whoever reads it takes its age off. A ' +
    'firewall shows its key as the password of HTTP Basic.',
  curl: `curl -u soar:$SOAR_API_KEY "$SOAR_URL${PATH}?format=plain&type=ip&min_confidence=60&tlp=green"`,
  query: iocExportQuery,
  responses: {
    200: {
      description: 'The file',
      streams: ['text/csv', 'application/stix+json', 'text/plain'],
      headers: { 'Content-Disposition': 'A name for the file' },
    },
  },
}).handle(({ query: { format, include_expired, include_flagged, ...filter } }, deps) => {
  const now = deps.clock().toISOString();
  const writer = writerOf(format, filter.type, now);
  const wish: IocWish = {
    ...filter,
    states: include_expired ? [...IN_FORCE, 'expired'] : IN_FORCE,
    flagged: include_flagged ? undefined : false,
  };
  const name = `iocs-${now.slice(0, 'yyyy-mm-dd'.length)}.${writer.extension}`;
  return {
    status: 200,
    headers: { 'Content-Disposition': `attachment; filename="${name}"` },
    stream: { mediaType: writer.mediaType, text: textOf(writer, wantedIocs(wish, deps)) },
  };
});

function writerOf(format: 'csv' | 'stix' | 'plain', type: IocType | undefined, now: string): IocExport {
  if (format === 'csv') return csvExport();
  if (format === 'stix') return stixExport({ identity: IDENTITY, now, sha1 });
  if (type === undefined) throw invalidFields([{ pointer: '?type', detail: 'Is needed for a plain list' }]);
  return plainExport(type);
}

function sha1(bytes: Uint8Array): Uint8Array {
  return createHash('sha1').update(bytes).digest();
}

/** Stretch by stretch, so that what is not taken is not read. */
async function* textOf(writer: IocExport, stretches: AsyncIterable<StandingIoc[]>): AsyncGenerator<string> {
  let piece = writer.begin();
  for await (const stretch of stretches) {
    for (const one of stretch) piece += writer.entry(exported(one));
    if (piece !== '') yield piece;
    piece = '';
  }
  yield piece + writer.end();
}

function exported({ view, match, confidence, state, tlp, tags, warnings }: StandingIoc): ExportedIoc {
  const { type, value, sightings } = view;
  const [first_seen = match.lastSeen] = sightings.map((one) => one.first_seen).sort();
  return {
    ...{ type, value, standing: { confidence, state }, first_seen, last_seen: match.lastSeen },
    // nobody else learns that an analyst has said so
    base_confidence: state === 'confirmed' ? confidence : match.confidence,
    expires_at: match.expiresAt,
    sources: sightings.map(({ source }) => source),
    ...{ tlp, tags },
    reference: sightings.find(({ reference }) => reference !== null)?.reference ?? null,
    flags: warningNames(warnings),
    listed: warnings.listed,
  };
}
