// Every page once in every language in a real browser against the real program, the first hour, the keyboard and the editor.
// usage: SAFAR=build/safar node tests/browser/run.mjs   (SAFAR_SHOTS=DIR keeps pictures; THEMES=light,dark; WIDTHS=1440,390)
import { exploreTests, explorePages } from './explore.mjs';
import { axe, browser, calm, finish, holds, orders, page, same, serve, shot, test } from './lib.mjs';

const themes = (process.env.THEMES ?? 'light').split(','), widths = (process.env.WIDTHS ?? '1440').split(',').map(Number);
const password = 'a long enough one';
const server = await serve();
const b = await browser();
const p = await page(b, server, { locale: 'en-GB' });
const quiet = () => { const said = p.complaints.splice(0); same(said, [], 'the page complained'); };
const at = () => new URL(p.url());
let map = '';

try {
  await test('the one-time link makes the administrator and signs in', async () => {
    await p.goto(server.setup);
    await p.getByLabel('Your name').fill('Sara Karimi');
    await p.getByLabel('Login').fill('sara');
    await p.getByLabel(/^Password/).fill(password);
    same(await axe(p), [], 'axe');
    await p.getByRole('button', { name: 'Make the account' }).click();
    await p.getByRole('heading', { name: 'From a file to a map' }).waitFor();
    quiet();
  });

  await test('three questions, a file, a dry run, an import, names, a map', async () => {
    await p.getByLabel('What is your organisation called?').fill('Rawnaq');
    await p.getByText('Shops and e-commerce').click();
    for (const l of ['العربية', 'فارسی']) await p.locator('label', { hasText: l }).first().click();
    same(await axe(p), [], 'axe, questions');
    await shot(p, 'start-questions');
    await p.getByRole('button', { name: 'Continue' }).click();
    await p.getByText('Drop a file here').waitFor();
    same(await axe(p), [], 'axe, file');
    await shot(p, 'start-file');
    await p.locator('input[type=file]').setInputFiles({ name: 'orders.csv', mimeType: 'text/csv', buffer: Buffer.from(orders(600)) });
    await p.getByRole('heading', { name: 'Is this right?' }).waitFor();
    const column = (c) => p.getByRole('button', { name: new RegExp(`^${c} `) });
    const role = async (c) => { await column(c).click(); return p.getByRole('region', { name: /What is in/ }).locator('[aria-pressed=true]').innerText(); };
    same(await role('customer_id'), 'customer', 'the guess for customer_id');
    same(await role('review_score'), 'score', 'the guess for review_score');
    await column('carrier').click();
    await p.getByRole('region', { name: /What is in/ }).getByRole('button', { name: 'dimension to filter by' }).click();
    same(await axe(p), [], 'axe, columns');
    await shot(p, 'start-columns');
    await p.getByRole('button', { name: 'Try it without storing' }).click();
    await p.getByRole('heading', { name: 'What would happen' }).waitFor();
    same(await axe(p), [], 'axe, dry run');
    await shot(p, 'start-dry');
    await p.getByRole('button', { name: /^Import [\d,]+ events$/ }).click();
    await p.getByRole('button', { name: 'Name its steps first' }).click();
    await p.getByRole('heading', { name: /^Name these \d+ steps$/ }).waitFor({ timeout: 20_000 });
    same(await axe(p), [], 'axe, names');
    await shot(p, 'start-names');
    await p.getByLabel(/^Name of the map/).first().fill('Ordering and receiving');
    await p.getByRole('button', { name: 'Draw the map' }).click();
    await p.waitForURL(/\/maps\/[^/]+$/);
    map = at().pathname.split('/')[2];
    await p.locator('.host a[data-step]').first().waitFor({ state: 'attached', timeout: 20_000 });
    quiet();
  });

  await test('the keyboard walks the map: arrows, Enter, tabs, Escape, t, e', async () => {
    await p.goto(`${server.url}/maps/${map}`);
    await p.locator('.host a[data-step]').first().waitFor({ state: 'attached' });
    const focused = () => p.evaluate(() => { let a = document.activeElement; while (a?.shadowRoot?.activeElement) a = a.shadowRoot.activeElement; return a?.getAttribute('data-step') ?? a?.id ?? ''; });
    await p.keyboard.press('Home');
    same(await focused(), '1', 'Home goes to the first step');
    await p.keyboard.press('ArrowRight');
    same(await focused(), '2', 'right goes on');
    await p.getByRole('tooltip').waitFor();
    await p.keyboard.press('ArrowLeft');
    same(await focused(), '1', 'left goes back');
    await p.keyboard.press('End');
    const last = await focused();
    holds(Number(last) > 2, 'End goes to the last step');
    await p.keyboard.press('Home');
    await p.keyboard.press('ArrowRight');
    await p.keyboard.press('Enter');
    await p.getByRole('complementary', { name: 'About this step' }).waitFor();
    holds(at().searchParams.get('at'), 'the address names the step');
    same(await focused(), 'panel-title', 'focus is in the panel');
    await p.keyboard.press('Tab');
    await p.keyboard.press('Tab');
    await p.keyboard.press('ArrowRight');
    same(at().searchParams.get('tab'), 'evidence', 'an arrow moves to the next tab');
    await p.keyboard.press('Escape');
    same(await focused(), '2', 'Escape gives focus back to the column');
    same(at().searchParams.get('at'), null, 'and the address is as before');
    await p.keyboard.press('t');
    await p.getByRole('table').first().waitFor();
    await p.keyboard.press('t');
    await p.locator('.host a[data-step]').first().waitFor({ state: 'attached' });
    const size = () => p.locator('.sheet').first().evaluate((e) => e.getBoundingClientRect().width);
    const before = await size();
    await p.keyboard.press('+');
    await p.waitForTimeout(100);
    holds((await size()) > before * 1.1, 'plus makes it larger');
    await p.keyboard.press('0');
    quiet();
  });

  await test('numbers of the panel lead to their people, and people to their timeline', async () => {
    await p.goto(`${server.url}/maps/${map}?view=table`);
    const row = p.getByRole('row').filter({ has: p.getByRole('button') }).first();
    const entered = (await row.locator('td.r').first().textContent()).trim();
    await row.getByRole('button').click();
    await p.getByRole('tab', { name: 'People' }).click();
    await p.getByText(new RegExp(`^${entered} journeys?$`)).first().waitFor();
    await p.locator('aside').getByRole('link').first().click();
    await p.waitForURL(/\/customers\//);
    await p.getByRole('heading', { name: 'Everything, newest first' }).waitFor();
    quiet();
  });

  await test('right to left, the right arrow goes back', async () => {
    await p.goto(`${server.url}/settings`);
    await p.locator('label', { hasText: 'فارسی' }).first().click();
    await p.waitForFunction(() => document.documentElement.dir === 'rtl');
    await p.locator('.toast', { hasText: '۱۲۳' }).filter({ hasText: 'هجری خورشیدی' }).waitFor(); // digits and calendar went along, and it is said
    await p.goto(`${server.url}/maps/${map}`);
    await p.locator('.host a[data-step]').first().waitFor({ state: 'attached' });
    await p.keyboard.press('Home');
    await p.keyboard.press('ArrowLeft');
    const step = await p.evaluate(() => { let a = document.activeElement; while (a?.shadowRoot?.activeElement) a = a.shadowRoot.activeElement; return a?.getAttribute('data-step'); });
    same(step, '2', 'left goes on');
    await p.goto(`${server.url}/settings`);
    await p.locator('label', { hasText: 'English' }).first().click();
    await p.waitForFunction(() => document.documentElement.dir === 'ltr');
    await calm(p);
    quiet();
  });

  await test('a renamed and moved step changes the drawing; the older version still opens; undo saves it back', async () => {
    await p.goto(`${server.url}/maps/${map}?view=edit`);
    const name = p.getByRole('textbox', { name: /^Name · English/ }).first();
    const was = (await name.inputValue()) || (await name.getAttribute('placeholder'));
    await name.fill('The very first thing');
    await p.getByRole('button', { name: /^Move The very first thing later$/ }).click();
    await p.getByRole('button', { name: 'Undo' }).click();
    await p.getByRole('button', { name: 'Redo' }).click();
    same(await axe(p), [], 'axe, editor');
    await p.getByRole('button', { name: 'Save as version 2' }).click();
    await p.getByText('Saved as version 2.').first().waitFor();
    await p.locator('.host').getByText('The very', { exact: false }).first().waitFor({ state: 'attached' });
    await p.goto(`${server.url}/maps/${map}?version=1&view=table`);
    await p.getByRole('button', { name: was, exact: true }).waitFor();
    await p.goto(`${server.url}/maps/${map}?view=table`);
    await p.getByRole('button', { name: 'The very first thing', exact: true }).waitFor();
    quiet();
  });

  await test('somebody else saving first is said, and nothing is lost', async () => {
    await p.goto(`${server.url}/maps/${map}?view=edit`);
    await p.getByRole('textbox', { name: /^Name · English/ }).first().fill('Mine');
    const csrf = (await (await p.request.get(`${server.url}/api/session`)).json()).csrf;
    const newest = await (await p.request.get(`${server.url}/api/maps/${map}`)).json();
    const theirs = await p.request.put(`${server.url}/api/maps/${map}`, { headers: { 'X-Safar-Csrf': csrf }, data: { base_version: newest.newest, document: newest.document } });
    same(theirs.status(), 200, 'their save');
    await p.getByRole('button', { name: /^Save as version/ }).click();
    await p.getByText(/was saved by somebody else/).waitFor();
    await p.getByRole('button', { name: 'Save mine on top of it' }).click();
    await p.getByText(/^Saved as version 4\.$/).first().waitFor();
    quiet();
  });

  await test('a period, a filter and a comparison are in the address and in the numbers', async () => {
    await p.goto(`${server.url}/maps/${map}?view=table`);
    const entered = async () => (await p.locator('tbody td.r').first().textContent()).trim();
    const all = await entered();
    await p.getByRole('button', { name: /^Filter/ }).click();
    await p.getByRole('button', { name: 'web', exact: true }).waitFor();
    same(await axe(p), [], 'axe, filters');
    await shot(p, 'filters');
    await p.getByRole('button', { name: 'web', exact: true }).click();
    await p.waitForURL(/filter=channel/);
    await p.waitForFunction((was) => document.querySelector('tbody td.r')?.textContent?.trim() !== was, all);
    await p.getByRole('button', { name: /^Remove the filter/ }).click();
    await p.waitForFunction((was) => document.querySelector('tbody td.r')?.textContent?.trim() === was, all);
    await p.locator('.pop').filter({ hasText: 'Gregorian' }).getByRole('button').first().click();
    same(await axe(p), [], 'axe, period');
    await shot(p, 'period');
    await p.getByRole('button', { name: 'last 30 days' }).click();
    await p.waitForURL(/from=\d+/);
    await p.getByRole('button', { name: /^Compare with/ }).click();
    await p.getByRole('button', { name: 'the period before' }).click();
    await p.waitForURL(/compare=previous/);
    await p.getByRole('columnheader', { name: 'Difference' }).waitFor();
    holds(/not distinguishable|[+−]\d/.test(await p.locator('tbody').first().textContent()), 'each difference is said in words or left');
    quiet();
  });

  await test('a made key is shown once, is in the snippet, and takes events', async () => {
    await p.goto(`${server.url}/sources`);
    await p.getByRole('button', { name: 'New source' }).click();
    await p.getByLabel(/^Name of the source/).fill('Web shop');
    await p.getByRole('button', { name: 'Make the key' }).click();
    const key = (await p.getByRole('group', { name: 'Write key' }).textContent()).trim();
    await p.getByRole('button', { name: 'curl' }).click();
    holds((await p.locator('pre.multi').textContent()).includes(key), 'the snippet has the key');
    same(await axe(p), [], 'axe');
    const sent = await p.request.post(`${server.url}/v1/track`, { headers: { Authorization: 'Basic ' + Buffer.from(key + ':').toString('base64') }, data: { userId: 'u-live', event: 'Order Delivered', properties: { score: 4 } } });
    same(sent.status(), 200, 'an event with the key');
    await p.reload();
    holds(!(await p.content()).includes(key), 'the key is not shown again');
    quiet();
  });

  await test('what the team believes, pasted, becomes a map; a line that cannot be read is listed', async () => {
    await p.goto(`${server.url}/maps/new?from=belief`);
    await p.getByLabel(/^Paste the list/).fill('stage,touchpoint,channel,feeling,promise,responsible\nBuy,Order online,web,1,,E-commerce\nReceive,Delivery,courier,splendidly odd,2 days,Logistics\nReceive,Unpacking,,2,,\n');
    await p.getByRole('button', { name: 'Read the list' }).click();
    await p.getByRole('heading', { name: /could not be read/ }).waitFor();
    same(await axe(p), [], 'axe');
    await p.getByLabel(/^Name of the map/).first().fill('Believed');
    await p.getByRole('button', { name: 'Draw the map' }).click();
    await p.waitForURL(/\/maps\/[^/]+$/);
    await p.locator('.host a[data-step]').first().waitFor({ state: 'attached' });
    quiet();
  });

  await test('an unknown address and an unknown map say so', async () => {
    await p.goto(`${server.url}/nowhere`);
    await p.getByRole('heading', { name: 'There is no such page' }).waitFor();
    await p.goto(`${server.url}/maps/no-such-map`);
    await p.getByRole('alert').first().waitFor();
    quiet();
  });

  await exploreTests(p, server, map, quiet);

  const activities = (await (await p.request.get(`${server.url}/api/query/dfg?map=${map}`)).json()).activities.map((a) => a.name).filter((n) => !n.startsWith('('));
  const pages = {
    home: '/', maps: '/maps', 'new-data': '/maps/new?from=data', 'new-template': '/maps/new?from=template', 'new-belief': '/maps/new?from=belief',
    map: `/maps/${map}`, 'map-panel': null, 'map-evidence': null, 'map-words': null, 'map-people': null, 'map-compare': null, 'map-table': `/maps/${map}?view=table`, 'map-inventory': `/maps/${map}?view=inventory`,
    'map-reality': `/maps/${map}?view=reality`, 'map-edit': `/maps/${map}?view=edit`, ...explorePages(map, activities), contact: '/contact', 'contact-rules': '/contact?view=rules', 'contact-channels': '/contact?view=channels&edit=new', customers: '/customers', customer: null, inbox: '/inbox', 'inbox-none': '/inbox?text=zzzz', follow: '/follow-ups?all=1', 'follow-results': '/follow-ups?view=results', 'follow-rules': '/follow-ups/rules?edit=new', 'unit-settings': '/units/settings', reports: '/reports', surveys: '/surveys', 'survey-ask': null, sources: '/sources', source: '/sources/1',
    import: '/import', users: '/users', settings: '/settings', missing: '/nowhere',
  };
  const measured = await (await p.request.get(`${server.url}/api/maps/${map}/measured`)).json();
  const touchpoint = measured.findings[0]?.touchpoint ?? measured.touchpoints.at(-1)?.key;
  const headers = { 'X-Safar-Csrf': (await (await p.request.get(`${server.url}/api/session`)).json()).csrf };
  const { templates } = await (await p.request.get(`${server.url}/api/surveys/templates`)).json();
  const survey = await (await p.request.post(`${server.url}/api/surveys`, { headers, data: { document: templates[0].document } })).json();
  same((await p.request.post(`${server.url}/api/surveys/${survey.key}/state`, { headers, data: { state: 'live' } })).status(), 200, 'the survey is live');
  pages['survey-ask'] = `/surveys/${survey.key}/ask`;
  pages['map-panel'] = `/maps/${map}?at=${touchpoint}`;
  for (const tab of ['evidence', 'words', 'people']) pages[`map-${tab}`] = `/maps/${map}?at=${touchpoint}&tab=${tab}`;
  pages['map-compare'] = `/maps/${map}?at=${touchpoint}&compare=previous&from=${measured.scope.newest_ms - 30 * 86_400_000}&to=${measured.scope.newest_ms + 1}`;
  const person = (await (await p.request.get(`${server.url}/api/customers?search=&limit=5`)).json()).customers.at(-1);
  pages.customer = `/customers/${encodeURIComponent(person.customer)}?map=${map}`;

  const only = process.env.PAGES?.split(',');
  for (const lang of ['en', 'ar', 'fa']) {
    for (const theme of themes) {
      const csrf = (await (await p.request.get(`${server.url}/api/session`)).json()).csrf;
      const own = { en: ['latn', 'gregorian'], ar: ['latn', 'gregorian'], fa: ['arabext', 'persian'] }[lang];
      await p.request.patch(`${server.url}/api/me`, { headers: { 'X-Safar-Csrf': csrf }, data: { lang, digits: own[0], calendar: own[1], theme } });
      for (const width of widths) {
        await p.setViewportSize({ width, height: width < 600 ? 844 : 900 });
        for (const [name, path] of Object.entries(pages)) {
          if (only && !only.includes(name)) continue;
          await test(`${name}, ${lang}, ${theme}, ${width} px: shown, right way round, no violation, no complaint`, async () => {
            await p.goto(server.url + path);
            await calm(p);
            same(await p.evaluate(() => [document.documentElement.lang, document.documentElement.dir]), [lang, lang === 'en' ? 'ltr' : 'rtl'], 'language and direction');
            await shot(p, `${name}-${lang}-${theme}-${width}`);
            same(await axe(p), [], 'axe');
            holds((await p.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0, 'the page is wider than the window');
            if (name !== 'missing' && name !== 'source') same(await p.getByRole('alert').count(), 0, 'an error is shown');
            quiet();
          });
        }
      }
    }
  }

  await test('signing out leads to sign in; a wrong password is said; the right one leads back', async () => {
    await p.setViewportSize({ width: 1440, height: 900 });
    const csrf = (await (await p.request.get(`${server.url}/api/session`)).json()).csrf;
    await p.request.patch(`${server.url}/api/me`, { headers: { 'X-Safar-Csrf': csrf }, data: { lang: 'en', digits: 'latn', calendar: 'gregorian', theme: 'light' } });
    await p.goto(`${server.url}/sources`);
    await p.getByRole('button', { name: 'Sign out' }).click();
    await p.getByRole('heading', { name: 'Sign in' }).waitFor();
    await p.goto(`${server.url}/sources`);
    await p.waitForURL(/sign-in\?next=/);
    same(await axe(p), [], 'axe');
    await shot(p, 'sign-in');
    await p.getByLabel('Login').fill('sara');
    await p.getByLabel('Password').fill('not this one at all');
    await p.getByRole('button', { name: 'Sign in' }).click();
    await p.getByText('Login or password is wrong.').waitFor();
    await p.getByLabel('Password').fill(password);
    await p.getByRole('button', { name: 'Sign in' }).click();
    await p.waitForURL(/\/sources$/);
    quiet();
  });
} finally {
  await b.close();
  await server.stop();
}
finish();
