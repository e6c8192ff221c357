import { defineRoute } from '../define-route';
import { lookUp, wantedOf, type Wanted } from '../ioc-lookup';
import { fieldErrors } from '../field-errors';
import { API } from '../links';
import { invalidFields, Problem, problemDocument } from '../problems';
import {
  iocAnswerSchema,
  iocAnswersSchema,
  LONGEST_VALUE,
  lookupQuery,
  lookupRequestSchema,
  lookupValueSchema,
} from '../schemas/ioc';

const PATH = `${API}/ioc/lookup`;
/** Values of one call. */
const MOST_VALUES = 1_000;

export const lookupIoc = defineRoute({
  method: 'get',
  path: PATH,
  group: 'IOCs',
  summary: 'What is known of an IP, domain, URL, hash or mail address',
  description:
    'Looks in our own IOC database only; nothing is sent outside. An IP also finds the ranges it lies in, a host or URL ' +
    'its parent domains. Confidence decays with the age of the last sighting; what an analyst says of an entry holds.',
  curl:
    'curl -H "Authorization: Bearer $SOAR_API_KEY" \\\n' +
    '  "$SOAR_URL/api/v1/ioc/lookup?type=ip&value=185.220.101.1"',
  query: lookupQuery,
  responses: { 200: { description: 'What is known; `found` says whether anything is', json: iocAnswerSchema } },
}).handle(async ({ query: { type, value } }, deps) => {
  const wanted = wantedOf(type, value);
  if (typeof wanted === 'string') throw invalidFields([{ pointer: '?value', detail: wanted }]);
  const [answer] = await lookUp([wanted], deps);
  if (!answer) throw new Error('a value was looked up, and has no answer');
  return { status: 200, json: answer };
});

export const lookupIocs = defineRoute({
  method: 'post',
  path: PATH,
  group: 'IOCs',
  summary: 'The same of many values at once',
  description:
    `At most ${MOST_VALUES} values, each a text or \`{"type": …, "value": …}\`. They are answered in their order; one that ` +
    'cannot be looked up has a problem document of its own.',
  curl:
    `curl -X POST $SOAR_URL${PATH} -H "Authorization: Bearer $SOAR_API_KEY" -H "Content-Type: application/json" \\\n` +
    '  -d \'{"values": ["185.220.101.1", {"type": "domain", "value": "evil[.]example"}]}\'',
  body: {
    kind: 'json',
    schema: lookupRequestSchema,
    examples: { some: { summary: 'Two values', value: { values: ['185.220.101.1', 'hxxp://evil[.]example/a'] } } },
  },
  responses: { 200: { description: 'What is known of each', json: iocAnswersSchema } },
}).handle(async ({ body: { values }, requestId }, deps) => {
  if (values.length > MOST_VALUES) {
    throw new Problem(
      'too-large',
      `At most ${MOST_VALUES} values are looked up at once, and these are ${values.length}.`,
    );
  }
  const read = values.map(readItem);
  const answers = await lookUp(
    read.flatMap((one) => (one instanceof Problem ? [] : [one])),
    deps,
  );
  let next = 0;
  const results = read.map((one, index) => {
    if (one instanceof Problem) {
      return { index, http_status: one.status, ...problemDocument(one, PATH, requestId) };
    }
    const answer = answers[next++];
    if (!answer) throw new Error('a value was looked up, and has no answer');
    return { index, http_status: 200, ...answer };
  });
  const found = answers.filter((answer) => answer.found).length;
  return { status: 200, json: { results, found, failed: values.length - answers.length } };
});

function readItem(item: unknown): Wanted | Problem {
  const parsed = lookupValueSchema.safeParse(item, { reportInput: true });
  if (!parsed.success) return invalidFields(fieldErrors(parsed.error, 'body'));
  const { type, value } = typeof parsed.data === 'string' ? { type: undefined, value: parsed.data } : parsed.data;
  const pointer = typeof parsed.data === 'string' ? '' : '/value';
  if (value.length > LONGEST_VALUE) {
    return invalidFields([{ pointer, detail: `Must have at most ${LONGEST_VALUE} characters` }]);
  }
  const wanted = wantedOf(type, value);
  return typeof wanted === 'string' ? invalidFields([{ pointer, detail: wanted }]) : wanted;
}
