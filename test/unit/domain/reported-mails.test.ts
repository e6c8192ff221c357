import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseSubmission, type ParsedAlert } from '../../../domain/formats';
import { openMail } from '../../../domain/formats/mail';
import { NOW } from './cases';

interface Part {
  type: string;
  headers?: string[];
  content: string;
}

function mail(from: string, to: string, subject: string, parts: readonly Part[]): string {
  // a boundary within a boundary must be another one
  const boundary = `part-${subject}`;
  return [
    `From: ${from}`,
    `To: ${to}`,
    `Subject: ${subject}`,
    `Message-ID: <${subject}@made-up.example>`,
    'MIME-Version: 1.0',
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    '',
    ...parts.flatMap(({ type, headers = [], content }) => [
      `--${boundary}`,
      `Content-Type: ${type}`,
      ...headers,
      '',
      content,
    ]),
    `--${boundary}--`,
    '',
  ].join('\r\n');
}

const words = (content: string): Part => ({ type: 'text/plain', content });
const attached = (content: string): Part => ({
  type: 'message/rfc822',
  headers: ['Content-Disposition: attachment'],
  content,
});
const file = (filename: string): Part => ({
  type: `application/octet-stream; name="${filename}"`,
  headers: [`Content-Disposition: attachment; filename="${filename}"`],
  content: filename,
});
const picture = (filename: string): Part => ({
  type: `image/png; name="${filename}"`,
  headers: ['Content-ID: <logo>', `Content-Disposition: inline; filename="${filename}"`],
  content: filename,
});

async function read(text: string): Promise<ParsedAlert> {
  const [parsed] = parseSubmission({ body: await openMail(text), receivedAt: NOW });
  assert.ok(parsed);
  return parsed;
}

const VICTIM = 'victim@corp.example';
const PHISHER = 'desk@parcels.example';
const phish = mail(PHISHER, VICTIM, 'phish', [words('Pay: https://parcels.example/pay'), file('label.iso')]);

describe('a mail that reports another', () => {
  test('is read as the other, however often it was handed on', async () => {
    const report = mail(VICTIM, 'helpdesk@corp.example', 'report', [
      words('https://www.corp.example/'),
      attached(phish),
    ]);
    const again = mail('helpdesk@corp.example', 'soc@corp.example', 'again', [words('see inside'), attached(report)]);
    for (const text of [report, again]) {
      const { alert, original } = await read(text);
      assert.deepEqual([alert.email_from, alert.email_to], [PHISHER, [VICTIM]]);
      assert.deepEqual([alert.urls, alert.file_name], [['https://parcels.example/pay'], 'label.iso']);
      assert.equal((original as { rfc822: { reported_by: string } }).rfc822.reported_by, VICTIM);
    }
  });

  test('has the links and files of all that it reports', async () => {
    const other = mail('x@other.example', VICTIM, 'other', [words('https://other.example/a'), file('b.iso')]);
    const { alert } = await read(mail(VICTIM, 'soc@corp.example', 'both', [attached(phish), attached(other)]));
    assert.equal(alert.email_from, VICTIM);
    assert.deepEqual(alert.urls, ['https://parcels.example/pay', 'https://other.example/a']);
    assert.equal(alert.file_hashes?.length, 2);
  });

  test('is not made harmless by a mail attached to the phish', async () => {
    const harmless = mail('news@letters.example', 'all@letters.example', 'news', [words('hello')]);
    const { alert } = await read(
      mail(PHISHER, VICTIM, 'trick', [words('https://parcels.example/pay'), file('label.iso'), attached(harmless)]),
    );
    assert.deepEqual([alert.urls, alert.file_name], [['https://parcels.example/pay'], 'label.iso']);
  });

  test('costs little when mails are in mails without end', async () => {
    let nested = phish;
    for (let depth = 0; depth < 30; depth++) nested = mail(VICTIM, VICTIM, `n${depth}`, [attached(nested)]);
    assert.equal((await read(nested)).format, 'rfc822');
  });
});

describe('the file of a mail', () => {
  test('is no logo', async () => {
    const { alert } = await read(mail(PHISHER, VICTIM, 'logo', [picture('logo.png'), file('label.iso')]));
    assert.equal(alert.file_name, 'label.iso');
    assert.equal(alert.file_hash, alert.file_hashes?.[0]);
    assert.equal(alert.file_hashes?.length, 2);
    const only = (await read(mail(PHISHER, VICTIM, 'logo', [picture('logo.png')]))).alert;
    assert.deepEqual([only.file_name, only.file_hash, only.file_hashes?.length], [undefined, undefined, 1]);
  });

  test('is what only says that it is a picture', async () => {
    const { alert } = await read(mail(PHISHER, VICTIM, 'fake', [picture('label.exe')]));
    assert.equal(alert.file_name, 'label.exe');
  });
});

test('an id that the sender of a mail chose names no alert by itself', async () => {
  assert.equal((await read(phish)).sharesId, true);
});
