// From a file that nobody here made to a map by pointing alone: online-retail and bank-marketing, timed. The short form
// takes the first rows of each; LONG=1 the first 50,000.
// usage: SAFAR=build/safar DATA=../shared/data node tests/browser/import.mjs   (SAFAR_SHOTS=DIR keeps pictures)
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { axe, browser, calm, finish, holds, page, same, serve, shot, test } from './lib.mjs';

const data = process.env.DATA ?? join(dirname(fileURLToPath(import.meta.url)), '../../../shared/data');
const rows = process.env.LONG ? 50_000 : 3_000, most = 5 * 60_000;
const files = { retail: 'online-retail/online_retail_2010_2011.csv.zst', bank: 'bank-marketing/bank_additional_10pct.csv.zst' };
const read = (file) => execFileSync('sh', ['-c', 'zstd -dcq "$0" | head -n "$1"', join(data, file), String(rows + 1)], { maxBuffer: 1 << 28 });
if (!existsSync(join(data, files.retail))) { console.log('no data of others here: nothing to do'); process.exit(0); }
const server = await serve();
const b = await browser();
const p = await page(b, server, { locale: 'en-GB' });
const point = async (column, what) => {
  await p.getByRole('button', { name: new RegExp(`^${column} `) }).first().click();
  await p.getByRole('region', { name: /What is in/ }).getByRole('button', { name: what, exact: true }).click();
};
/** Pictures of the page as it stands, in three languages, dark and narrow. */
const looks = async () => {
  const bytes = read(files.bank), csrf = (await (await p.request.get(`${server.url}/api/session`)).json()).csrf;
  for (const [lang, digits, calendar, theme, width] of [['fa', 'arabext', 'persian', 'light', 1440], ['ar', 'latn', 'gregorian', 'dark', 390], ['en', 'latn', 'gregorian', 'dark', 1440], ['fa', 'arabext', 'persian', 'light', 390]]) {
    await p.request.patch(`${server.url}/api/me`, { data: { lang, digits, calendar, theme }, headers: { 'X-Safar-Csrf': csrf } });
    const one = await p.context().newPage();
    await one.setViewportSize({ width, height: 1400 });
    await one.goto(`${server.url}/import`);
    await one.locator('input[type=file]').setInputFiles({ name: 'bank-additional.csv', mimeType: 'text/csv', buffer: bytes });
    await one.locator('.groups').waitFor();
    await one.locator('fieldset input[type=date]').fill('2010-11-30');
    await one.locator('.stack > .row > .btn').last().click();
    await one.locator('.counts').waitFor();
    await one.screenshot({ path: `${process.env.SAFAR_SHOTS}/import-${lang}-${theme}-${width}.png`, fullPage: true });
    await one.close();
  }
  await p.request.patch(`${server.url}/api/me`, { data: { lang: 'en', digits: 'latn', calendar: 'gregorian', theme: 'light' }, headers: { 'X-Safar-Csrf': csrf } });
};
const toMap = async (name) => {
  await p.getByRole('button', { name: 'Try it without storing' }).click();
  await p.getByRole('heading', { name: 'What would happen' }).waitFor({ timeout: 60_000 });
  await p.getByRole('term').filter({ hasText: 'customers' }).waitFor();
  same(await axe(p), [], 'axe, dry run');
  await shot(p, `import-${name}-dry`);
  await p.getByRole('button', { name: /^Import [\d,]+ events$/ }).click();
  await p.getByRole('button', { name: 'Draw a map from it' }).click({ timeout: 120_000 });
  await p.waitForURL(/\/maps\/[^/]+$/, { timeout: 60_000 });
  await p.locator('.host a[data-step]').first().waitFor({ state: 'attached', timeout: 60_000 });
  await calm(p);
  await shot(p, `import-${name}-map`);
};

try {
  await p.goto(server.setup);
  await p.getByLabel('Your name').fill('Sara');
  await p.getByLabel('Login').fill('sara');
  await p.getByLabel(/^Password/).fill('a long enough one');
  await p.getByRole('button', { name: 'Make the account' }).click();
  await p.getByRole('heading', { name: 'From a file to a map' }).waitFor();

  await test(`online-retail, ${rows} rows: the guess is right, a country is a dimension, and there is a map`, async () => {
    const bytes = read(files.retail), began = performance.now();
    await p.goto(`${server.url}/import`);
    await p.locator('input[type=file]').setInputFiles({ name: 'online_retail.csv', mimeType: 'text/csv', buffer: bytes });
    await p.getByRole('heading', { name: 'Is this right?' }).waitFor({ timeout: 60_000 });
    same(await axe(p), [], 'axe, columns');
    await shot(p, 'import-retail-columns');
    await point('Country', 'not used');
    await point('Country', 'dimension to filter by');
    await p.getByLabel('What happened in each row is called').fill('Bought');
    await toMap('retail');
    const took = performance.now() - began;
    console.log(`online-retail: ${rows} rows to a map in ${(took / 1000).toFixed(1)} s`);
    holds(took < most, `in ${took} ms`);
  });

  await test('bank-marketing: no customer, no time; both are said by pointing, and there is a map', async () => {
    const bytes = read(files.bank), began = performance.now();
    await p.goto(`${server.url}/import`);
    await p.locator('input[type=file]').setInputFiles({ name: 'bank-additional.csv', mimeType: 'text/csv', buffer: bytes });
    await p.getByRole('heading', { name: 'Is this right?' }).waitFor({ timeout: 60_000 });
    holds(await p.getByRole('button', { name: 'Try it without storing' }).isDisabled(), 'nothing can be tried before who and when are said');
    await p.getByLabel(/each row is a customer of its own/).check();
    await p.getByLabel(/all rows happened on/).fill('2010-11-30');
    await point('poutcome', 'dimension to filter by');
    await point('contact', 'channel');
    await point('y', 'what happened');
    await point('campaign', 'contacts it took');
    same(await axe(p), [], 'axe, columns');
    await shot(p, 'import-bank-columns');
    if (process.env.SAFAR_SHOTS) await looks();
    await toMap('bank');
    const took = performance.now() - began;
    console.log(`bank-marketing: to a map in ${(took / 1000).toFixed(1)} s`);
    holds(took < most, `in ${took} ms`);
    same(p.complaints.splice(0), [], 'the page complained');
  });
} finally { await b.close(); await server.stop(); }
finish();
