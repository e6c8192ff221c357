import { dateText } from '../dates';
import { readMispAttribute } from '../misp-attribute';
import { tagsIn } from '../rows';
import { tableFormat } from '../table';

/**
 * Attributes of MISP as CSV, also of several events with a header each. What is only context (`to_ids` 0) is kept, but
 * does not count.
 */
export const mispCsv = tableFormat({
  name: 'misp-csv',
  title: 'MISP attributes (CSV)',
  header: ['uuid', 'category', 'type', 'value', 'to_ids'],
  read(row, { now }) {
    const type = row.cell('type');
    const value = row.cell('value');
    if (type === undefined || value === undefined || row.cell('deleted') === '1') return [];
    const date = dateText(row.cell('date') ?? row.cell('timestamp'));
    const event = row.cell('event_uuid') ?? row.cell('event_id');
    return readMispAttribute(
      {
        type,
        value,
        category: row.cell('category') ?? '',
        toIds: /^(?:1|true)$/i.test(row.cell('to_ids') ?? ''),
        first_seen: row.cell('first_seen') ?? date,
        last_seen: row.cell('last_seen') ?? date,
        tags: tagsIn(row.cell('attribute_tag')),
        reference: event === undefined ? undefined : `MISP event ${event}`,
      },
      row.line,
      now,
    );
  },
});
