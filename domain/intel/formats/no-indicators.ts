import { isObject } from '../../is-object';
import type { IntelFormat } from '../format';
import { problem } from '../told';

const UUID_KEY = /^\s*\{\s*"[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}"\s*:\s*\{/i;
const WARNING_LIST = /^\s*\{\s*"(?:description|name|list|type|version|matching_attributes)"\s*:/;

/** Documents about threat intelligence that hold none; taken for a list of values they would do harm. */
const KINDS: readonly {
  name: string;
  title: string;
  reason: string;
  recognises: (head: string, value: unknown) => boolean;
}[] = [
  {
    name: 'misp-warninglist',
    title: 'MISP warning list',
    reason: 'Is a warning list of MISP: what it names is known to be harmless or shared. Nothing of it is an indicator',
    recognises: (head, value) =>
      (isObject(value) && Array.isArray(value['list']) && value['matching_attributes'] !== undefined) ||
      (WARNING_LIST.test(head) &&
        /"list"\s*:\s*\[/.test(head) &&
        /"(?:description|matching_attributes)"\s*:/.test(head)),
  },
  {
    name: 'misp-feeds',
    title: 'MISP feed metadata',
    reason: 'Describes feeds of MISP. Add each feed that you want as a source with its address',
    recognises: (_head, value) => {
      const first: unknown = Array.isArray(value) ? value[0] : value;
      return isObject(first) && isObject(first['Feed']) && first['Feed']['url'] !== undefined;
    },
  },
  {
    name: 'misp-manifest',
    title: 'MISP feed manifest',
    reason:
      "Is the manifest of a MISP feed, which only names the feed's events. Import the events: <uuid>.json beside it",
    recognises: (head) => UUID_KEY.test(head) && /"(?:info|Orgc|timestamp|threat_level_id)"\s*:/.test(head),
  },
];

/** Refused as a whole, each with what to do instead. */
export const noIndicators: readonly IntelFormat[] = KINDS.map(({ name, title, reason, recognises }) => ({
  name,
  title,
  cut: 'json',
  recognises: (head, value) => (recognises(head, value) ? 1 : 0),
  open() {
    let said = false;
    return {
      read({ text, line }) {
        if (said) return [];
        said = true;
        return [problem(line, 'refused', text, reason)];
      },
    };
  },
}));
