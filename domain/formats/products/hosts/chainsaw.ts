import { product } from '../../format';
import { byWords, turned } from '../../readings';
import { shape } from '../../recognise';
import { WINDOWS_FIELDS } from '../../windows/fields';

export const chainsaw = product({
  name: 'chainsaw',
  title: 'Chainsaw hit of a Sigma rule',
  reference: 'https://github.com/WithSecureLabs/chainsaw',
  recognise: shape(['document.data.Event.System', 'name', 'level']),
  fields: {
    ...WINDOWS_FIELDS,
    timestamp: ['document.data.Event.System.TimeCreated.#attributes.SystemTime', 'timestamp'],
    title: 'name',
    rule_name: 'name',
    rule_id: 'id',
    severity: byWords('level'),
    mitre: turned('tags', (tag) => (typeof tag === 'string' ? tag.replace(/^attack\./i, '') : undefined)),
    tags: ['tags', 'group'],
  },
});
