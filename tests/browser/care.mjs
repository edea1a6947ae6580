// A survey of another tool taken over, and who sees which unit: in three languages, wide and narrow.
// usage: SAFAR=build/safar node tests/browser/care.mjs   (SAFAR_SHOTS=DIR keeps pictures)
import { fileURLToPath } from 'node:url';
import { axe, browser, calm, finish, holds, page, same, serve, shot, test } from './lib.mjs';

const file = (name) => fileURLToPath(new URL(`../data/form/import/${name}`, import.meta.url));
const server = await serve();
const b = await browser();
const admin = await page(b, server, { locale: 'en-GB' });
admin.setDefaultTimeout(12_000);
let csrf = '';
const api = async (method, path, data) => {
  const r = await admin.request.fetch(`${server.url}${path}`, { method, data, headers: { 'X-Safar-Csrf': csrf } });
  holds(r.ok(), `${method} ${path}: ${r.status()} ${await r.text()}`);
  return r.status() === 204 ? null : r.json();
};
const quiet = (p) => { same(p.complaints.splice(0), [], 'the page complained'); };
const speak = (lang, theme = 'light') => api('PATCH', '/api/me', { lang, theme, digits: { en: 'latn', ar: 'arab', fa: 'arabext' }[lang], calendar: 'gregorian' });
const wide = { width: 1440, height: 900 }, narrow = { width: 390, height: 844 };
const fits = (p) => p.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth);

try {
  await admin.goto(server.url);
  const token = new URL(server.setup).hash.slice(1);
  const done = await admin.request.post(`${server.url}/api/setup`, { data: { token, login: 'sara', name: 'Sara', password: 'a long enough one' } });
  holds(done.ok(), `setup: ${await done.text()}`);
  csrf = (await (await admin.request.get(`${server.url}/api/session`)).json()).csrf;
  await api('PATCH', '/api/organisation', { name: 'Naranj' });

  const open = { en: 'Import a file', ar: 'استيراد ملف', fa: 'وارد کردن فایل' }, not = { en: 'Not understood', ar: 'ما لم يُفهم', fa: 'آنچه فهمیده نشد' };
  for (const lang of ['en', 'ar', 'fa']) {
    for (const [size, at] of [['wide', wide], ['narrow', narrow]]) {
      await test(`a survey of another tool is shown before it is begun: ${lang}, ${size}`, async () => {
        await speak(lang);
        await admin.setViewportSize(at);
        await admin.goto(`${server.url}/surveys/new`);
        await admin.getByRole('button', { name: open[lang] }).click();
        await admin.locator('input[type=file]').setInputFiles(file('small.qsf'));
        await admin.frameLocator('iframe').locator('.cx').first().waitFor();
        await calm(admin);
        holds(await admin.getByRole('region', { name: not[lang] }).locator('li').count() > 0, 'what was lost is said');
        holds(await admin.locator('ol li').count() > 3, 'and what was not');
        holds(await fits(admin), 'the page is not wider than the screen');
        same(await axe(admin), [], 'axe');
        await shot(admin, `care-import-${lang}-${size}`);
        quiet(admin);
      });
    }
  }

  await test('it becomes the draft that is edited, and is saved', async () => {
    await speak('en');
    await admin.setViewportSize(wide);
    await admin.goto(`${server.url}/surveys/new`);
    await admin.getByRole('button', { name: 'Import a file' }).click();
    await admin.locator('input[type=file]').setInputFiles(file('small.lss'));
    await admin.getByRole('status').getByText('small.lss').waitFor();
    const n = await admin.locator('ol li').count();
    await admin.getByRole('button', { name: 'Take it over' }).click();
    const list = admin.getByRole('navigation', { name: 'Questions' });
    await list.locator('.item').first().waitFor();
    same(await list.locator('.item').count(), n + 1, 'the whole survey, and as many questions');
    await admin.getByRole('button', { name: 'Save', exact: true }).click();
    await admin.waitForURL(/\/surveys\/[^/]+\/edit/);
    quiet(admin);
  });

  await test('a file that is no survey is refused with a reason, and can be given up', async () => {
    await admin.goto(`${server.url}/surveys/new`);
    await admin.getByRole('button', { name: 'Import a file' }).click();
    await admin.locator('input[type=file]').setInputFiles({ name: 'x.json', mimeType: 'application/json', buffer: Buffer.from('[1,2') });
    await admin.getByRole('alert').first().waitFor();
    await admin.getByRole('button', { name: 'Cancel' }).click();
    await admin.getByRole('button', { name: /Would you recommend us/ }).waitFor();
    quiet(admin);
  });

  await test('the period of results is chosen in the calendar of the reader, its last day included', async () => {
    const { key } = await api('POST', '/api/surveys', { document: { title: 'Dates', elements: [{ type: 'rating', name: 'nps', rateMin: 0, rateMax: 10 }] } });
    for (const [lang, calendar, name, days] of [['fa', 'persian', 'بازه', ['۱', '۱۴۰۵', '۲']], ['ar', 'islamic-umalqura', 'الفترة', ['١', '١٤٤٨', '٢']], ['en', 'gregorian', 'Period', ['1', '2026', '2']]]) {
      await api('PATCH', '/api/me', { lang, calendar, digits: { en: 'latn', ar: 'arab', fa: 'arabext' }[lang] });
      await admin.setViewportSize(lang === 'ar' ? narrow : wide);
      await admin.goto(`${server.url}/surveys/${key}/results`);
      await admin.locator('.pop > button').first().click();
      const sets = admin.locator('.sheet fieldset');
      for (const [i, d] of [[0, days[0]], [1, days[2]]]) {
        await sets.nth(i).locator('input').nth(0).fill(d);
        await sets.nth(i).locator('select').selectOption('1');
        await sets.nth(i).locator('input').nth(1).fill(days[1]);
      }
      await shot(admin, `care-period-${lang}`);
      await admin.locator('.sheet .btn.p').click();
      await admin.waitForFunction(() => new URL(location.href).searchParams.get('to'));
      const q = new URL(admin.url()).searchParams;
      same((q.get('to') - q.get('from')) / 86_400_000, 2, `two whole days, ${name}`);
      const wanted = { fa: Date.UTC(2026, 2, 21), ar: Date.UTC(2026, 5, 16), en: Date.UTC(2026, 0, 1) }[lang];
      same(Number(q.get('from')), wanted, lang);
      quiet(admin);
    }
    await speak('en');
    await admin.setViewportSize(wide);
  });

  const heading = { en: 'Sees the unit', ar: 'الوحدة التي يراها', fa: 'واحدی که می‌بیند' };
  await test('a unit is given to somebody who signs in', async () => {
    await api('POST', '/api/users', { login: 'lead', name: 'Reem', role: 'analyst', unit: 'saudi/riyadh', password: 'a long enough one' });
    await admin.goto(`${server.url}/users`);
    const field = admin.getByLabel('Sees the unit: Reem');
    same(await field.inputValue(), 'saudi/riyadh', 'as made');
    await field.fill('saudi');
    await field.blur();
    await admin.waitForResponse((r) => r.url().endsWith('/api/users') && r.request().method() === 'GET');
    same((await api('GET', '/api/users')).users.find((u) => u.login === 'lead').unit, 'saudi', 'as changed');
    quiet(admin);
  });
  for (const lang of ['en', 'ar', 'fa'])
    for (const [size, at] of [['wide', wide], ['narrow', narrow]])
      await test(`people who sign in, with their units: ${lang}, ${size}`, async () => {
        await speak(lang);
        await admin.setViewportSize(at);
        await admin.goto(`${server.url}/users`);
        await admin.getByRole('columnheader', { name: heading[lang] }).waitFor();
        await admin.getByRole('button', { expanded: false }).first().waitFor();
        await calm(admin);
        holds(await fits(admin), 'the page is not wider than the screen');
        same(await axe(admin), [], 'axe');
        await shot(admin, `care-users-${lang}-${size}`);
        quiet(admin);
      });

  await test('somebody with a unit finds the pages of listening usable', async () => {
    const lead = await page(b, server, { locale: 'en-GB' });
    await lead.goto(server.url);
    const signed = await lead.request.post(`${server.url}/api/session`, { data: { login: 'lead', password: 'a long enough one' } });
    holds(signed.ok(), await signed.text());
    for (const path of ['/inbox', '/follow-ups', '/follow-ups/rules', '/surveys', '/customers', '/reports', '/units/settings']) {
      await lead.goto(server.url + path);
      await calm(lead);
      await shot(lead, `care-lead${path.replaceAll('/', '-')}`);
      quiet(lead);
    }
  });
} finally {
  await b.close();
  await server.stop();
}
finish();
