import type { IntelFormat } from '../format';
import { abuseChCsv } from './abuse-ch-csv';
import { abuseChJson } from './abuse-ch-json';
import { csv } from './csv';
import { feedTables } from './feed-tables';
import { list } from './list';
import { misp } from './misp';
import { mispCsv } from './misp-csv';
import { noIndicators } from './no-indicators';
import { otx } from './otx';
import { recordedFuture } from './recorded-future';
import { report } from './report';
import { spamhausDrop } from './spamhaus-drop';
import { stix } from './stix';
import { suricata } from './suricata';
import { torExits } from './tor-exits';

/** Every format that is understood; the first of those that are equally sure of a file reads it. */
export const INTEL_FORMATS: readonly IntelFormat[] = [
  ...noIndicators,
  stix,
  misp,
  otx,
  recordedFuture,
  ...abuseChJson,
  ...abuseChCsv,
  mispCsv,
  ...feedTables,
  spamhausDrop,
  torExits,
  suricata,
  csv,
  list,
  report,
];
