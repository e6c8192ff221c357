import type { IocAnswer, IocDetail, IocImportAnswer, IocSource } from '../../../cli/ioc-client';

const AT = '2026-11-23T12:00:00.000000Z';

export const sighting: IocDetail['sources'][number] = {
  ...{ source: 'urlhaus', reliability: 'B', confidence: 75, first_seen: AT, last_seen: AT, expires_at: null },
  ...{ tlp: 'green', tags: ['c2'], reference: 'https://intel.example/1', added_by: 'kim', added_at: AT },
  ...{ import_id: null, revoked_at: null },
};

const standing = {
  ...({ id: 42, type: 'ip', value: '185.220.101.1', state: 'active', confidence: 61.5, base_confidence: 75 } as const),
  ...{ expired: false, last_seen: AT, expires_at: null, override: null, sources: [sighting] },
};

export function entry(changes: Partial<IocDetail> = {}): IocDetail {
  return {
    ...standing,
    ...{ tlp: 'green', tags: ['c2'], flagged: false, flags: [], warning_lists: [], incidents: ['INC-0123456789'] },
    ...{ created_at: AT, created_by: 'kim', links: { self: '' } },
    history: [{ at: AT, actor: 'kim', action: 'add_ioc', summary: 'kim said as analyst: ip 185.220.101.1\u001b[2J' }],
    ...changes,
  };
}

export function answer(changes: Partial<IocAnswer> = {}): IocAnswer {
  return {
    ...{ found: true, type: 'ip', detected: true, value: '185.220.101.1', confidence: 61.5 },
    ...{ matches: [{ ...standing, match: 'exact' }], sources: ['urlhaus'], flags: [], warning_lists: [] },
    incidents: ['INC-0123456789'],
    ...changes,
  };
}

export function job(changes: Partial<IocImportAnswer> = {}): IocImportAnswer {
  return {
    ...{ id: 'IMP-0123456789', source: 'urlhaus', file_name: 'list.txt', sha256: 'ab', format: 'list', state: 'done' },
    ...{ error: null, progress: { bytes: 100, bytes_done: 100, lines: 4 } },
    counts: { added: 2, updated: 0, unchanged: 1, revoked: 0, flagged: 0, refused: 1, unsupported: 0 },
    problems: [{ line: 3, kind: 'refused', text: 'local\u001b[2Jhost', reason: 'Is a name of one label' }],
    ...{ requested_by: 'kim', created_at: AT, started_at: AT, finished_at: AT, links: { self: '', problems: '' } },
    ...{ repeated: false, note: null },
    ...changes,
  };
}

export function source(changes: Partial<IocSource> = {}): IocSource {
  return {
    ...{ name: 'urlhaus', declared: true, reliability: 'B', confidence: 75, tlp: 'clear', expires_after_days: 90 },
    ...{ tags: ['malware'], description: null, entries: 12_034 },
    feed: { url: 'https://kim:***@feeds.example/a', format: null, columns: null, every_seconds: 3_600, paused: false },
    last_poll: { at: AT, outcome: 'imported', error: null, import_id: 'IMP-0123456789' },
    ...{ created_at: AT, created_by: 'kim', links: { self: '', iocs: '' } },
    ...changes,
  };
}
