import { isObject } from '../../../is-object';
import { product } from '../../format';
import { has, textAt } from '../../paths';
import { always, bySteps, byTable, hostOf, inList, turned, when, type Reading } from '../../readings';
import { either, shape, type Recogniser } from '../../recognise';

const isClick = ({ fields }: { fields: Record<string, unknown> }) => has(fields, 'clickTime');
const threats = (type: RegExp, member: string): Reading =>
  inList('threatsInfoMap', ({ threatType }) => type.test(String(threatType)), member);

/** Scores count to 100; the worst of them is the mail's. */
const worstScore: Reading = ({ fields }) => {
  const scores = ['malwareScore', 'phishScore', 'impostorScore'].map((name) => Number(textAt(fields, name) ?? 0));
  return [{ value: Math.max(...scores.filter((score) => !Number.isNaN(score)), 0), pointer: '' }];
};

/** Which kind of threat has the highest score. */
const worstKind: Reading = ({ fields }) => {
  const kinds = { malware: 'malwareScore', phish: 'phishScore', impostor: 'impostorScore', spam: 'spamScore' };
  const scored = Object.entries(kinds).map(([kind, name]) => ({ kind, score: Number(textAt(fields, name) ?? 0) }));
  const [worst] = scored.sort((a, b) => b.score - a.score);
  return worst && worst.score > 0 ? [{ value: `score/${worst.kind}`, pointer: '' }] : [];
};

/** The answer of the SIEM API: four lists, of which each says what became of its events. */
const FATES = {
  clicksBlocked: 'blocked',
  messagesBlocked: 'blocked',
  clicksPermitted: 'allowed',
  messagesDelivered: 'allowed',
};

const answer: Recogniser = ({ syntax, fields }) => {
  if (syntax !== 'json') return undefined;
  const events = Object.entries(FATES).flatMap(([list, fate]) => {
    const items = fields[list];
    return Array.isArray(items) ? items.filter(isObject).map((item) => ({ ...item, fate })) : [];
  });
  return events.length > 0 ? events : undefined;
};

export const proofpoint = product({
  name: 'proofpoint',
  title: 'Proofpoint Targeted Attack Protection',
  reference: 'https://help.proofpoint.com/Threat_Insight_Dashboard/API_Documentation/SIEM_API',
  recognise: either(
    answer,
    shape(
      ['sender', 'recipient', 'messageTime'],
      (fields) => has(fields, 'phishScore') || has(fields, 'threatsInfoMap'),
    ),
    shape(['clickTime', 'recipient', 'url']),
  ),
  fields: {
    alert_id: ['id', 'GUID'],
    timestamp: ['clickTime', 'messageTime', 'threatTime'],
    rule_name: [
      turned('classification', (value) => `Click on a link: ${String(value)}`),
      turned('threatsInfoMap.classification', (value) => `Mail with a threat: ${String(value)}`),
      turned(worstKind, (value) => `Mail scored as ${String(value).replace('score/', '')}`),
    ],
    title: [turned('subject', (value) => `Mail: ${String(value)}`)],
    severity: [
      when(isClick, byTable('classification', { spam: 'low', '*': 'high' })),
      // a threat that was found after the mail has no score
      byTable('threatsInfoMap.classification', { phish: 'high', malware: 'high', impostor: 'high', toad: 'high' }),
      bySteps(worstScore, { low: 0, medium: 30, high: 80 }),
    ],
    src_ip: ['senderIP'],
    email_from: ['sender', 'fromAddress', 'headerFrom'],
    email_to: ['recipient', 'toAddresses'],
    email_subject: 'subject',
    reply_to: ['headerReplyTo', 'replyToAddress'],
    url: ['url', threats(/url/i, 'threat')],
    domain: hostOf(['url', threats(/url/i, 'threat')]),
    urls: ['url', threats(/url/i, 'threat')],
    file_hashes: [
      threats(/attachment/i, 'threat'),
      inList('messageParts', ({ disposition }) => disposition === 'attached', 'sha256', 'md5'),
    ],
    file_name: inList('messageParts', ({ disposition }) => disposition === 'attached', 'filename'),
    // who was stopped on the way has clicked, but seen nothing
    clicked: when((document) => isClick(document) && document.fields.fate !== 'blocked', always(true)),
    outcome: ['fate', turned(['quarantineFolder', 'quarantineRule'], (value) => (value ? 'blocked' : undefined))],
    tags: ['threatsInfoMap.classification', 'classification'],
    event_class: ['classification', 'threatsInfoMap.classification', 'quarantineFolder', worstKind],
  },
});
