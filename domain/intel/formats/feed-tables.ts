import { dateText } from '../dates';
import type { IntelFormat } from '../format';
import { columnFindings, tagsIn, typedFindings } from '../rows';
import { tableFormat } from '../table';
import { found, problem, told } from '../told';
import { typeNamed } from '../type-names';

const viriback = tableFormat({
  name: 'viriback',
  title: 'ViriBack C2 tracker',
  header: ['family', 'url', 'ip', 'firstseen'],
  read(row, { now }) {
    const about = told({ first_seen: dateText(row.cell('firstseen')), tags: tagsIn(row.cell('family')) }, now);
    return [...columnFindings(row, 'url', 'url', about), ...columnFindings(row, 'ip', 'ip', about)];
  },
});

const tweetfeed = tableFormat({
  name: 'tweetfeed',
  title: 'TweetFeed',
  header: ['date', 'user', 'type', 'value', 'tags', 'tweet'],
  bare: {
    columns: ['date', 'user', 'type', 'value', 'tags', 'tweet'],
    fits: ([date = '', , type = '', value, , tweet = '', ...more]) =>
      more.length === 0 &&
      /^\d{4}-\d\d-\d\d /.test(date) &&
      typeNamed(type) !== undefined &&
      value !== undefined &&
      /^https?:\/\//.test(tweet),
  },
  read(row, { now }) {
    const about = told(
      { first_seen: dateText(row.cell('date')), tags: tagsIn(row.cell('tags')), reference: row.cell('tweet') },
      now,
    );
    return typedFindings(row.line, row.cell('type') ?? '', row.cell('value') ?? '', about);
  },
});

const USED_BY = /\bused by ([^,]{1,150}?)(?: (?:DGA|C&C)\b|$)/i;

const bambenek = tableFormat({
  name: 'bambenek',
  title: 'Bambenek C2 feeds',
  header: ['ioc', 'description', 'date', 'manual'],
  bare: {
    columns: ['ioc', 'description', 'date', 'manual'],
    fits: ([, description = '', date = '', manual = '', ...more]) =>
      more.length === 0 && USED_BY.test(description) && /^\d{4}-\d\d-\d\d/.test(date) && /^https?:\/\//.test(manual),
  },
  read(row, { now }) {
    const [, family] = USED_BY.exec(row.cell('description') ?? '') ?? [];
    const about = told(
      { first_seen: dateText(row.cell('date')), tags: family?.split('/') ?? [], reference: row.cell('manual') },
      now,
    );
    return columnFindings(row, 'ioc', undefined, about);
  },
});

/** Ranges are told by their first address and the length of the prefix. */
const dshield = tableFormat({
  name: 'dshield',
  title: 'DShield block list',
  separator: '\t',
  header: ['start', 'end', 'netblock'],
  read(row) {
    const start = row.cell('start');
    const bits = row.cell('netblock');
    if (start === undefined || bits === undefined) return [problem(row.line, 'refused', row.text, 'Is no range')];
    return [found(row.line, 'ip', `${start}/${bits}`, {})];
  },
});

/** Feeds that are tables of their own kind. */
export const feedTables: readonly IntelFormat[] = [viriback, tweetfeed, bambenek, dshield];
