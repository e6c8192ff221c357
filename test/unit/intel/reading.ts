import type { Finding, Indicator } from '../../../domain/intel/indicator';
import { openIntel, type IntelOptions } from '../../../domain/intel/read-intel';

export const NOW = '2026-11-30T12:00:00Z';

/** Of no file that anybody knows. */
export const MD5 = '7c9f1e02b4d85a63e1f0947ab26cd358';
export const SHA1 = '9b1e6f4a02c7d853b4e9f16a7d0c25e83f94b1a6';
export const SHA256 = '3e8a51c70f9d264bb1e7048cd95f3a62c4f8071be6d2953a80b7e14f69dc2a05';

export interface Read {
  format: string | undefined;
  indicators: Indicator[];
  /** `refused text: reason`. */
  problems: string[];
  findings: Finding[];
}

/** Reads a document as an import does: recognised by itself, in chunks. */
export function readDocument(document: unknown, format?: string): Read {
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  return readBytes(Buffer.from(text), format === undefined ? {} : { format });
}

/** @param size of a chunk, in bytes */
export function readBytes(bytes: Buffer, options: Partial<IntelOptions> = {}, size = 997): Read {
  const reader = openIntel({ now: NOW, ...options });
  const findings: Finding[] = [];
  for (let at = 0; at < bytes.length; at += size) findings.push(...reader.push(bytes.subarray(at, at + size)));
  findings.push(...reader.end());
  return {
    format: reader.format?.name,
    indicators: findings.flatMap((finding) => (finding.kind === 'indicator' ? [finding.indicator] : [])),
    problems: findings.flatMap((finding) =>
      finding.kind === 'indicator' ? [] : [`${finding.kind} ${finding.text}: ${finding.reason}`],
    ),
    findings,
  };
}

export function valuesOf({ indicators }: Read): string[] {
  return indicators.map(({ type, value }) => `${type} ${value}`);
}
