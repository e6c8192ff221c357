import assert from 'node:assert/strict';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { itemsOf, MOST_ITEMS, wholeOf, type SubmittedItem } from '../../../api/batch-items';
import { readDocument } from '../../../api/body';
import { parseAlerts } from '../../../api/parse-alerts';
import { Problem } from '../../../api/problems';

const receivedAt = '2026-11-23T12:00:00Z';

function request(body: Buffer, contentType: string): IncomingMessage {
  const message = new IncomingMessage(new Socket());
  message.headers = { 'content-type': contentType, 'content-length': String(body.length) };
  message.push(body);
  message.push(null);
  return message;
}

/** Of a promise that may be refused: the status. Anything but a refusal is a failure of the test. */
async function statusOf(work: Promise<unknown>): Promise<number> {
  try {
    await work;
    return 200;
  } catch (error) {
    assert.ok(error instanceof Problem, String(error));
    return error.status;
  }
}

const types = fc.constantFrom(
  'application/json',
  'application/vnd.tool+json',
  'text/plain',
  'text/plain; charset=iso-8859-1',
  'application/x-ndjson',
  'message/rfc822',
  '',
);

/** Bytes of every kind, the more interesting ones oftener. */
const bodies = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc
    .string({ unit: fc.constantFrom(...'{}[]",:\\\n 1eE.-"\u0000\u00e9', '\ufeff', '"source":"x"') })
    .map((text) => Buffer.from(text)),
  fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value))),
  fc.array(fc.jsonValue(), { maxLength: 6 }).map((values) => Buffer.from(JSON.stringify(values, null, 1))),
  fc
    .array(
      fc.dictionary(fc.constantFrom('source', 'alert_type', 'src_ip', 'urls', '__proto__', 'own'), fc.jsonValue()),
      { maxLength: 4 },
    )
    .map((alerts) => Buffer.from(alerts.map((alert) => JSON.stringify(alert)).join('\n'))),
);

describe('whatever is submitted', () => {
  it('is alerts, or refused: nothing else happens', async () => {
    await fc.assert(
      fc.asyncProperty(bodies, types, async (body, type) => {
        const refusals = [400, 413, 415, 422];
        const document = await readDocument(request(body, type)).catch(async (error) => {
          assert.ok(refusals.includes(await statusOf(Promise.reject(error as Error))));
        });
        if (!document) return;
        const items: SubmittedItem[] = [wholeOf(document)];
        const status = await statusOf(Promise.resolve().then(() => items.push(...itemsOf(document))));
        assert.ok(status === 200 || refusals.includes(status));
        for (const { bytes, mediaType, read } of items) {
          assert.ok(body.includes(bytes), 'the bytes of an item stand in the body');
          if (document.reading === 'ndjson' && bytes === body) continue;
          const outcome = await statusOf(
            Promise.resolve().then(() => parseAlerts({ body: read(), mediaType, receivedAt })),
          );
          assert.ok(outcome === 200 || refusals.includes(outcome));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('as an array or as lines is the same alerts', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue(), { minLength: 1, maxLength: 5 }), async (values) => {
        const texts = values.map((value) => JSON.stringify(value));
        const array = await readDocument(request(Buffer.from(`[${texts.join(' , ')}]`), 'application/json'));
        const ndjson = await readDocument(request(Buffer.from(texts.join('\r\n')), 'application/x-ndjson'));
        const shown = (items: SubmittedItem[]) => items.map((item) => [item.bytes.toString(), item.read()]);
        assert.deepEqual(shown(itemsOf(array)), shown(itemsOf(ndjson)));
      }),
    );
  });

  it('is not taken apart into more than is taken at once', async () => {
    const many = await readDocument(request(Buffer.from('1\n'.repeat(MOST_ITEMS + 1)), 'application/x-ndjson'));
    assert.throws(() => itemsOf(many), { status: 413 });
  });
});
