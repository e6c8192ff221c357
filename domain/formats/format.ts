import type { Alert } from '../alert';

/** What came in: parsed JSON, or the text of a body that is none. */
export interface Submission {
  body: unknown;
  /** RFC 3339; for documents that do not say when. */
  receivedAt: string;
}

/** One alert of a source document. */
export interface MappedAlert {
  alert: Alert;
  /** The item as it came. */
  original: unknown;
  /** What the source said beyond the canonical fields. */
  extra: Record<string, unknown>;
}

export interface ParsedAlert extends MappedAlert {
  /** Name of the format that understood it. */
  format: string;
}

/** One way in which a source writes its alerts. Adding one is one file and one line in index.ts. */
export interface Format {
  name: string;
  title: string;
  /** True when the document has the shape of this format. */
  detect(document: unknown): boolean;
  /** @throws InvalidAlertError when a field of the document cannot be what it says. */
  map(document: unknown, submission: Submission): MappedAlert[];
}

export interface FieldError {
  /** JSON pointer (RFC 6901) to the field; empty for the document as a whole. */
  pointer: string;
  detail: string;
}

/** The document was read, but fields of it are wrong; all of them are named. */
export class InvalidAlertError extends Error {
  override readonly name = 'InvalidAlertError';

  constructor(readonly errors: FieldError[]) {
    super(`Invalid alert: ${errors.map(({ pointer, detail }) => `${pointer || '/'} ${detail}`).join('; ')}`);
  }
}

export function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replace(/~/g, '~0').replace(/\//g, '~1')}`).join('');
}
