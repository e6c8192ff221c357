import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { type Browser, chromium, type Page } from 'playwright-core';
import { renderReport } from '../../activities/report/render';
import { handledReport, hostileReport, pendingReport } from '../unit/report/fixture';

const CHROMIUM = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== undefined && path !== '' && existsSync(path));
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];
/** A folder for pictures of the pages, for people to look at. */
const PICTURES = process.env['SOAR_TEST_PICTURES'];

const pages: Record<string, string> = {
  '/hostile.html': renderReport(hostileReport()).html,
  '/pending.html': renderReport(pendingReport()).html,
  '/handled.html': renderReport(handledReport()).html,
};

describe('report in a browser', { skip: CHROMIUM ? false : 'no Chromium here: set CHROMIUM_PATH' }, () => {
  let server: Server;
  let browser: Browser;
  let origin: string;
  const requested: string[] = [];

  before(async () => {
    server = createServer((request, response) => {
      const html = pages[request.url ?? ''];
      response.writeHead(html ? 200 : 404, { 'content-type': 'text/html; charset=utf-8' }).end(html ?? '');
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ARGUMENTS });
  });

  after(async () => {
    await browser.close();
    server.close();
  });

  async function open(path: string, look: { width: number; dark?: boolean }): Promise<Page> {
    requested.length = 0;
    const context = await browser.newContext({
      viewport: { width: look.width, height: 900 },
      colorScheme: look.dark ? 'dark' : 'light',
    });
    const page = await context.newPage();
    page.on('request', (request) => requested.push(request.url()));
    await page.goto(`${origin}${path}`, { waitUntil: 'networkidle' });
    if (PICTURES)
      await page.screenshot({
        path: `${PICTURES}/${path.slice(1, -5)}-${look.width}-${look.dark ? 'dark' : 'light'}.png`,
        fullPage: true,
      });
    return page;
  }

  it('runs no script and asks nobody for anything', async () => {
    const page = await open('/hostile.html', { width: 1280 });
    assert.equal(await page.evaluate('typeof window.pwned'), 'undefined');
    assert.equal(await page.locator('script, img, iframe, object, embed, form').count(), 0);
    assert.deepEqual(
      requested.filter((url) => !url.startsWith('data:')),
      [`${origin}/hostile.html`],
    );
    assert.equal(page.url(), `${origin}/hostile.html`, 'nothing led the reader away');
    assert.equal(await page.locator('main').isVisible(), true, 'no text hid the page');
    await page.context().close();
  });

  it('keeps its own style under its own content security policy', async () => {
    const page = await open('/hostile.html', { width: 1280, dark: true });
    const background = await page.evaluate('getComputedStyle(document.body).backgroundColor');
    assert.equal(background, 'rgb(19, 22, 26)');
    await page.context().close();
  });

  for (const path of Object.keys(pages)) {
    for (const width of [1280, 980, 700, 390]) {
      it(`has no horizontal overflow: ${path} at ${width} px`, async () => {
        const page = await open(path, { width });
        const excess = await page.evaluate(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        );
        assert.equal(excess, 0);
        await page.context().close();
      });
    }
  }

  it('says verdict, decision and first advice on the first screen', async () => {
    for (const width of [1280, 390]) {
      const page = await open('/hostile.html', { width });
      for (const text of ['score 92 of 100', 'Escalated: a person must look now', 'Block 185.220.101.1 at the edge']) {
        const box = await page.getByText(text).first().boundingBox();
        assert.ok(
          box && box.y + box.height <= 900,
          `${text} ends at ${box ? box.y + box.height : 'nowhere'} at ${width} px`,
        );
      }
      await page.context().close();
    }
  });

  it('says what became of it, and by whom, on the first screen', async () => {
    for (const width of [1280, 390]) {
      const page = await open('/handled.html', { width });
      for (const text of ['Set by ana', 'Closed by an analyst: false positive', 'By ben']) {
        const box = await page.getByText(text).first().boundingBox();
        assert.ok(box && box.y + box.height <= 900, `${text} at ${width} px`);
      }
      await page.context().close();
    }
  });

  it('is a page of tables and landmarks to a screen reader, also when it is narrow', async () => {
    for (const width of [1280, 390]) {
      const page = await open('/hostile.html', { width });
      await page.getByRole('main').waitFor();
      assert.ok((await page.getByRole('table').count()) >= 5);
      assert.ok(
        (await page
          .getByRole('table', { name: /Signals/ })
          .getByRole('row')
          .count()) >= 4,
      );
      await page.context().close();
    }
  });

  it('prints on paper no wider than a sheet, dark on white', async () => {
    const page = await open('/hostile.html', { width: 1280, dark: true });
    await page.emulateMedia({ media: 'print' });
    // A4 less its margins, at 96 dots an inch.
    await page.setViewportSize({ width: 688, height: 1000 });
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 688);
    assert.equal(await page.evaluate('getComputedStyle(document.body).color'), 'rgb(0, 0, 0)');
    const pdf = await page.pdf({ preferCSSPageSize: true, ...(PICTURES ? { path: `${PICTURES}/hostile.pdf` } : {}) });
    assert.equal(pdf.subarray(0, 5).toString(), '%PDF-');
    const sheets = (pdf.toString('latin1').match(/\/Type\s*\/Page\b(?!s)/g) ?? []).length;
    assert.ok(sheets >= 2, `${sheets} sheets`);
    await page.context().close();
  });
});
