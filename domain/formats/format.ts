import type { Alert } from '../alert';
import type { Field } from './coerce';
import type { Document } from './document';
import { mapFields, type FieldMap } from './map-fields';
import type { Recogniser } from './recognise';

/** Most alerts of one submission. */
export const MOST_ALERTS = 1_000;

/** What came in: parsed JSON, or the text of a body that is none. */
export interface Submission {
  body: unknown;
  /** Name of the format that the sender says it is; default: found by its shape. */
  format?: string | undefined;
  /** RFC 3339; for documents that do not say when. */
  receivedAt: string;
}

/** One alert of a source document. */
export interface MappedAlert {
  alert: Alert;
  /** The item as it came. */
  original: unknown;
  /** What the source said beyond the canonical fields, where the original is not kept by itself. */
  extra: Record<string, unknown>;
  /** What the product calls this kind of event; the classification table knows it. */
  eventClasses?: string[];
  /** JSON pointers into the item of what each field was read from; the empty pointer is the item as a whole. */
  origins?: Partial<Record<Field, string[]>>;
  /** JSON pointers of what no field was read from; the first 200. */
  leftOver?: string[];
  /** Its `alert_id` names more than this alert, so that it cannot tell a repetition from another one. */
  sharesId?: boolean;
}

export interface ParsedAlert extends MappedAlert {
  /** Name of the format that understood it. */
  format: string;
}

/** One way in which a source writes its alerts. */
export interface Format {
  /** As in answers and in `?format=`; also the `source` of its alerts. */
  name: string;
  title: string;
  /** Where its maker documents it. */
  reference?: string;
  /**
   * The alerts of a document, or undefined when it has not the shape of this format.
   * @throws InvalidAlertError when a field of the document cannot be what it says
   */
  understand(document: Document, submission: Pick<Submission, 'receivedAt'>): MappedAlert[] | undefined;
}

/** A product's own format, as a map on the common reader. */
export interface ProductFormat {
  name: string;
  title: string;
  reference: string;
  recognise: Recogniser;
  fields: FieldMap;
  /** True of documents whose id names more than one alert: a connection, a message, a search. */
  sharesId?: (document: Document) => boolean;
  /** What cannot be read field by field; asked after the map was read. */
  finish?: (alert: Alert, document: Document) => Alert;
}

/** Makes a format of a map. Adding a product is one file, and one line in `products/index.ts`. */
export function product({ name, title, reference, recognise, fields, sharesId, finish }: ProductFormat): Format {
  return {
    name,
    title,
    reference,
    understand(document, { receivedAt }) {
      return recognise(document)?.map((item) => {
        const each = { ...document, fields: item };
        const { alert, eventClasses, origins, leftOver } = mapFields(each, fields, receivedAt);
        const mapped: Alert = { source: name, ...alert };
        return {
          alert: finish ? finish(mapped, each) : mapped,
          original: document.syntax === 'json' ? item : document.text,
          extra: eventClasses.length > 0 ? { event_class: eventClasses } : {},
          eventClasses,
          origins,
          leftOver,
          ...(sharesId?.(each) ? { sharesId: true } : {}),
        };
      });
    },
  };
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

/** It holds more alerts, or more to look through for them, than one submission may. */
export class TooManyAlertsError extends Error {
  override readonly name = 'TooManyAlertsError';

  constructor() {
    super(`At most ${MOST_ALERTS} alerts are taken at once: send parts.`);
  }
}

export function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replace(/~/g, '~0').replace(/\//g, '~1')}`).join('');
}
