import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { Alert } from '../../../domain/alert';
import { splitEndpoint } from '../../../domain/endpoint';
import { normaliseCidr } from '../../../domain/network';
import { accountName, normaliseLink } from '../../../domain/normalise';
import { observableId, staysInside, type Observable } from '../../../domain/observable';
import { extractObservables } from '../../../domain/observables';
import { DEFAULT_SITE } from '../../../domain/site';

const FILE = path.join(process.env.SOAR_SHARED_DATA ?? path.join(__dirname, '../../../../shared/data'), 'tricky.jsonl');

interface Form {
  category: string;
  input: string;
  expect: Record<string, unknown> | null;
  note: string;
}

/** Forms that are read otherwise than the file says, and why. */
const EXCEPTIONS = new Map([
  [
    'admin@v6nic.net',
    'alone it may be anybody; that it is a contact is said by the label before it, and then it is not read',
  ],
  [
    '854c68ab7ad70b6f95f76ec64b8a46c145997629,AsyncRAT C&C',
    'nothing but the origin of the list says that it is a certificate; to ask about one costs a request, to leave out a file costs evidence',
  ],
  ['test@[192.168.0.1]', 'no mail address that a source could be asked about; the address in it is read'],
]);

function extract(fields: Partial<Alert>): Observable[] {
  return extractObservables({ source: 'test', ...fields }, DEFAULT_SITE);
}

/** Made-up names end in .example, which nobody can register: in text they are told from file names by another ending. */
function registrable(text: string): string {
  return text.replaceAll('.example', '.com');
}

/** In which fields a form stands that is none of free text. */
function fieldsOf({ category, input, expect }: Form): Partial<Alert> {
  if (category === 'email' && expect && 'sender' in expect) return { email_from: input };
  if (category === 'email' && expect && ('emails' in expect || 'email' in expect)) return { email_to: [input] };
  if (category === 'url' && input.startsWith('/')) return { url: input };
  if (category.startsWith('ipv4-text')) return { src_ip: input };
  return { raw_log: registrable(input) };
}

/** Everything that is expected by value, with the hosts of links, and whether it has to be there. */
function wantedOf({ input, expect }: Form): { must: string[]; may: string[]; any: boolean } {
  const entries = Object.entries(expect ?? {}).filter(([key]) => !['port', 'cidr', 'username'].includes(key));
  const valuesOf = (some: typeof entries) =>
    some.flatMap(([key, value]) => [value].flat().map((one) => spelled(key, String(one))));
  const optional = entries.filter(([key]) => key.endsWith('?'));
  const must = valuesOf(entries.filter(([key]) => !key.endsWith('?') && !key.endsWith('verdict')));
  const links = [...must, ...valuesOf(optional), ...(expect === null ? [] : [normaliseLink(input)?.url ?? input])];
  // a mail address that may be a sentence leaves the host besides
  const hosts = links.flatMap((one) => [normaliseLink(one)?.host ?? one, one.slice(one.lastIndexOf('@') + 1)]);
  return { must: must.filter((one) => one !== '…'), may: [...links, ...hosts], any: must.includes('…') };
}

function spelled(key: string, value: string): string {
  if (key === 'sender' || key.startsWith('email')) return value;
  return /^urls?\??$/.test(key) && value !== '…' ? (normaliseLink(value)?.url ?? value) : registrable(value);
}

function check(form: Form): void {
  const { category, input, expect } = form;
  const found = extract(fieldsOf(form));
  const values = found.map(({ value }) => value);
  const { must, may, any } = wantedOf(form);
  for (const one of must) assert.ok(values.includes(one), `${one} among ${values.join(' ')}`);
  if (any) assert.ok(values.length > 0);
  // digits in the path of a link are no hash; the link is one
  const odd = category === 'hash' && expect === null ? found.filter(({ type }) => /^(?:md5|sha)/.test(type)) : found;
  if (!any) assert.deepEqual(odd.filter(({ value }) => !may.includes(value)).map(observableId), []);
  if (expect?.port !== undefined) assert.equal(splitEndpoint(input)?.port, expect.port);
  if (expect?.cidr !== undefined) assert.equal(normaliseCidr(input), expect.cidr);
  if (expect?.username !== undefined) assert.equal(accountName(input), expect.username);
  const isEmpty = String(expect?.verdict).includes('empty file');
  if (isEmpty) assert.deepEqual(found[0]?.flags, ['empty_file']);
}

/** An address by its field: whether it may be sent to anybody. */
function checkReserved({ input, expect }: Form): void {
  const [one] = extract({ src_ip: input });
  assert.ok(one);
  assert.equal(!staysInside(one), expect?.enrich);
  assert.deepEqual(extract({ raw_log: `from ${input}.` })[0]?.flags, one.flags);
}

/** Accounts and hosts are kept as they are written, whatever they hold. */
function checkIdentity({ input, expect }: Form): void {
  const field = expect && 'hostname' in expect ? 'hostname' : 'username';
  const wanted = String(expect?.[field]);
  const text = input.replace(/^illegal user /, '');
  const kept = wanted.startsWith('keep') ? text : wanted;
  assert.equal(extract({ [field]: text })[0]?.value, kept.toLowerCase());
}

/** About parsers, stores and clocks: here they only must do no harm. */
function checkHarmless({ input }: Form): void {
  const found = extract({
    raw_log: input,
    username: input,
    url: input,
    domain: input,
    email_from: input,
    src_ip: input,
  });
  for (const one of found) assert.ok(one.value.length <= 4096);
}

const CHECKS: [RegExp, (form: Form) => void][] = [
  [/^reserved/, checkReserved],
  [/^identity$/, checkIdentity],
  [/^(?:robustness|time)$/, checkHarmless],
  [/^/, check],
];

describe('tricky forms', { skip: existsSync(FILE) ? false : `${FILE} is not here (SOAR_SHARED_DATA)` }, () => {
  const lines = existsSync(FILE) ? readFileSync(FILE, 'utf8').trim().split('\n') : [];
  const forms = lines.map((line) => JSON.parse(line) as Form);
  for (const form of forms) {
    const verify = CHECKS.find(([pattern]) => pattern.test(form.category))?.[1] ?? check;
    const name = `${form.category}: ${form.input}`;
    const reason = EXCEPTIONS.get(form.input);
    test(name, () => {
      if (reason === undefined) verify(form);
      else assert.throws(() => verify(form), assert.AssertionError, `no exception any more: ${reason}`);
    });
  }
});
