import { canonicalAlertSchema } from './canonical-schema';
import type { Document } from './document';
import { type Format, type MappedAlert } from './format';

const UNKNOWN_SOURCE = 'unknown';
const LONGEST_LOG = 65_536;

function mapUnrecognised({ fields, text: body, syntax }: Document): MappedAlert[] {
  const source = canonicalAlertSchema.shape.source.safeParse(fields.source);
  const extra = Object.fromEntries(Object.entries(fields).filter(([key]) => key !== 'source' || !source.success));
  const text = body.slice(0, LONGEST_LOG).replace(/\0|\p{Surrogate}/gu, '\ufffd');
  return [
    {
      alert: {
        source: source.success ? source.data : UNKNOWN_SOURCE,
        alert_type: 'unclassified',
        severity: 'medium',
        ...(text === '' ? {} : { raw_log: text }),
      },
      original: syntax === 'json' ? fields : body,
      extra: syntax === 'json' ? extra : {},
    },
  ];
}

/** Whatever no format claims: kept whole for an analyst, never dropped and never guessed at. */
export const unrecognised: Format = {
  name: 'unrecognised',
  title: 'Not recognised',
  understand: mapUnrecognised,
};
