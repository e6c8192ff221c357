import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Alert } from '../../../domain/alert';
import { imitated } from '../../../domain/playbooks/look-alike';
import { before, tells } from './situations';
import { judgedBySilence, outcomeOf, type Beside } from './trusting';

/** What hides in a mail behind clean links. */

const MAIL: Partial<Alert> = {
  email_from: 'a@newsletter.com',
  email_to: ['cfo@corp.example'],
  url: 'https://newsletter.com/1',
  src_ip: '94.100.1.1',
};
const INSIDE: Partial<Alert> = { email_from: 'hr@corp.example', src_ip: '10.0.0.25' };

/** It is open, for a reason, and what is to be done does not say that there is nothing. */
function staysOpen(change: Partial<Alert>, beside: Beside = {}): string {
  const { decision } = judgedBySilence('phishing', { ...MAIL, ...change }, beside);
  assert.equal(decision.outcome, 'open', JSON.stringify(change));
  assert.doesNotMatch(decision.recommendations.join(' '), /harmless/, JSON.stringify(change));
  return decision.reason;
}

test('clean links do not speak for a sender that imitates another or is a day old', () => {
  assert.equal(outcomeOf('phishing', MAIL), 'close');
  for (const email_from of ['it@our-sh0p.com', 'it@micros0ft.com']) assert.match(staysOpen({ email_from }), /imitates/);
  assert.match(staysOpen({ email_from: 'it@micros0ft.com', reply_to: 'it@micros0ft.com' }), /imitates/);
  const told = [tells('domain:fresh-invoices.top', { registered: '2026-11-22T00:00:00Z' }, 'virustotal')];
  assert.match(staysOpen({ email_from: 'a@fresh-invoices.top' }, { told }), /registered/);
  assert.equal(outcomeOf('phishing', MAIL, { told }), 'close');
});

test('replies go to somebody else when one of a list does, or cannot be read, or nobody knows the sender', () => {
  for (const reply_to of [
    'thief@evil.top, a@newsletter.com',
    'a@newsletter.com; thief@evil.top',
    'Thief <thief@evil.top>, A <a@newsletter.com>',
    'thief@evil',
    'thief@evil, a@newsletter.com',
  ]) {
    assert.match(staysOpen({ reply_to }), /replies/, reply_to);
  }
  const { email_from: _, ...unsigned } = MAIL;
  const { decision } = judgedBySilence('phishing', { ...unsigned, reply_to: 'thief@evil.top' });
  assert.equal(decision.outcome, 'open');
  for (const reply_to of [
    'a@newsletter.com',
    'B <b@newsletter.com>, a@mail.newsletter.com',
    '"A, B" <a@newsletter.com>',
  ]) {
    assert.equal(outcomeOf('phishing', { ...MAIL, reply_to }), 'close', reply_to);
  }
});

test('domains of our own reply for one another', () => {
  const canteen = { ...INSIDE, url: 'https://www.corp.example/canteen' };
  assert.equal(outcomeOf('phishing', canteen), 'close');
  assert.equal(outcomeOf('phishing', { ...canteen, reply_to: 'hr@our-shop.com' }), 'close');
  assert.notEqual(outcomeOf('phishing', { ...canteen, reply_to: 'hr@our-shop.com, thief@evil.top' }), 'close');
});

test('what was opened, or names an unseen file, is not called harmless', () => {
  assert.match(staysOpen({ clicked: true }), /opened/);
  assert.match(staysOpen({ file_name: 'invoice.html' }), /invoice\.html/);
  assert.match(staysOpen({ reply_to: 'b@elsewhere.top' }), /replies/);
});

test('a sender or a file that was proven to do harm the same day is not closed', () => {
  const hash = '1b'.repeat(32);
  assert.match(staysOpen({}, { earlier: [before('email:a@newsletter.com')] }), /INC-1/);
  assert.match(staysOpen({ file_hash: hash }, { earlier: [before(`sha256:${hash}`)] }), /INC-1/);
  assert.equal(
    outcomeOf('phishing', MAIL, { earlier: [before('email:a@newsletter.com', { verdict: 'suspicious' })] }),
    'close',
  );
});

test('a link that is too long to be looked up is not judged by its host', () => {
  const padding = 'a'.repeat(5000);
  for (const change of [
    { url: `https://newsletter.com/x?${padding}` },
    { url: `https://sites.google.com/view/x?${padding}` },
    { urls: [`https://newsletter.com/x?${padding}`] },
    { url: `https://newsletter.com/x?${padding}`, urls: ['https://newsletter.com/1'] },
    { description: `go to https://newsletter.com/x?${padding} now` },
    { description: `go to https://sites.google.com/x?${padding} now` },
    { description: `hxxps://other[.]com/${'ä'.repeat(2000)}` },
  ] satisfies Partial<Alert>[]) {
    const { assessment } = judgedBySilence('phishing', { ...MAIL, ...change });
    assert.equal(assessment.verdict, 'unknown', JSON.stringify(change).slice(0, 60));
  }
  const blocked: Partial<Alert> = { outcome: 'blocked', hostname: 'ws1' };
  assert.equal(outcomeOf('malware', { ...blocked, url: 'https://get-tools.com/x.exe' }), 'close');
  assert.equal(outcomeOf('malware', { ...blocked, url: `https://get-tools.com/${padding}/x.exe` }), 'open');
  // an own page of that length may lead anywhere
  assert.equal(outcomeOf('phishing', { ...INSIDE, url: `https://www.corp.example/r?x=1&y=${padding}` }), 'open');
  assert.equal(outcomeOf('phishing', { ...MAIL, description: `short https://newsletter.com/2 ${padding}` }), 'close');
});

test('a page of ours that may lead on to another host shows nothing, however it names it', () => {
  const base = 'https://www.corp.example';
  for (const rest of [
    '/redirect/evil-login.top/steal',
    '/r;to=evil-login.top',
    '/out?evil-login.top=1',
    '/r?u=ZXZpbC50b3A',
    '/r/aHR0cDovL2V2aWwudG9w',
    '/r?to=https:evil',
    '/r?to=%65vil.top',
    '/go/45.155.205.233',
    '/r?u=6576696c2e746f702f7374',
    '/r?t=8f3a01bc77de49aa01ffc7e2',
  ]) {
    assert.notEqual(outcomeOf('phishing', { ...INSIDE, url: base + rest }), 'close', rest);
  }
  for (const rest of [
    '/canteen',
    '/',
    '/app?id=3f2504e0-4f89-11d3-9a0c-0305e82c3301',
    '/news/2026/11/index.html',
    '/files/report-2026.pdf',
    '/search?q=holiday&page=2',
    '/a/dashboard/settings',
  ]) {
    assert.equal(outcomeOf('phishing', { ...INSIDE, url: base + rest }), 'close', rest);
  }
});

test('only with a second part is .ac a name for schools', () => {
  assert.notEqual(imitated('microsofft.ac', []), undefined);
  assert.equal(imitated('microsofft.ac.uk', []), undefined);
  assert.equal(imitated('microsofft.edu', []), undefined);
});
