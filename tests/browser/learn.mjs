// What was read is corrected, learned from and compared: inbox, topics, models and the doubtful, in three languages, wide and narrow.
// usage: SAFAR=build/safar node tests/browser/learn.mjs   (SAFAR_SHOTS=DIR keeps pictures)
import { axe, browser, calm, finish, holds, page, same, serve, shot, test } from './lib.mjs';

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
const pressed = (p) => p.evaluate(() => [...document.querySelectorAll('.correct [aria-pressed]')].findIndex((x) => x.getAttribute('aria-pressed') === 'true'));

// Words that no shipped model has seen, each of one feeling: what is learned can only come from here.
const own = [['brindle', 'mofty', 'crannow', 'sludged', 'wexen', 'tarrop'], ['plain', 'tollen', 'mirrit', 'vassel', 'kemmer', 'doblin'], ['glimmy', 'sunvel', 'pellor', 'hazzle', 'brightle', 'lumen']];
let seed = 7;
const draw = (n) => { seed = (seed * 1103515245 + 12345) % 2147483648; return Math.floor((seed / 2147483648) * n); };
const comment = (feeling) => { const w = own[feeling], one = () => w[draw(w.length)]; return `the delivery was ${one()} and the box was ${one()}, ${one()} and ${one()} from the first day`; };

try {
  await admin.goto(server.url);
  const token = new URL(server.setup).hash.slice(1);
  const done = await admin.request.post(`${server.url}/api/setup`, { data: { token, login: 'sara', name: 'Sara', password: 'a long enough one' } });
  holds(done.ok(), `setup: ${await done.text()}`);
  csrf = (await (await admin.request.get(`${server.url}/api/session`)).json()).csrf;
  await api('PATCH', '/api/organisation', { name: 'Naranj' });

  await test('without comments the models are shown, and learning says that there was too little', async () => {
    await admin.goto(`${server.url}/models`);
    await admin.getByText('Not known: none of your comments').first().waitFor();
    await admin.getByRole('button', { name: 'Start learning' }).click();
    await admin.getByText('No language had enough comments to learn from.').waitFor();
    same(await axe(admin), [], 'axe');
    quiet(admin);
  });
  await test('without comments nothing is in doubt', async () => {
    await admin.goto(`${server.url}/models/doubtful`);
    await admin.getByRole('heading', { name: 'Nothing is in doubt' }).waitFor();
    same(await axe(admin), [], 'axe');
    quiet(admin);
  });

  const { key } = await api('POST', '/api/surveys', { document: { title: 'After delivery', elements: [{ type: 'rating', name: 'nps', rateMin: 0, rateMax: 10, 'cx:metric': 'nps' }, { type: 'comment', name: 'why', 'cx:text': true }] } });
  await api('POST', `/api/surveys/${key}/state`, { state: 'live' });
  const { code } = await api('POST', `/api/surveys/${key}/links`, { channel: 'sms' });
  for (let i = 0; i < 150; i++) await api('POST', `/v1/surveys/${code}/responses`, { lang: 'en', answers: { nps: [2, 7, 10][i % 3], why: comment(i % 3) } });
  const first = (await api('GET', '/api/feedback?commented=yes&limit=5')).feedback[0];

  await test('a feeling is corrected and taken back by keys, and it is said who did', async () => {
    await speak('en');
    await admin.goto(`${server.url}/inbox?at=${first.arrival}`);
    await admin.locator('.correct').waitFor();
    same(await pressed(admin), -1, 'nobody said anything yet');
    await admin.keyboard.press('3');
    await admin.getByText(/Corrected by sara/).waitFor();
    same(await pressed(admin), 2, 'glad');
    same((await api('GET', `/api/feedback/${first.arrival}`)).heard.sentiment, 1, 'it counts');
    await admin.keyboard.press('u');
    await admin.getByText(/Corrected by sara/).waitFor({ state: 'detached' });
    same(await pressed(admin), -1, 'as before');
    quiet(admin);
  });
  await test('a topic is added and dropped, and the steps are told', async () => {
    const group = admin.getByRole('group', { name: 'Topics of the comment' });
    await group.getByRole('combobox').selectOption('payment');
    await group.getByRole('button', { name: /Payment/ }).waitFor();
    holds((await api('GET', `/api/feedback/${first.arrival}`)).heard.topics.some((x) => x.key === 'payment' && x.added), 'it counts');
    await group.getByRole('button', { name: /Delivery/ }).click();
    await group.getByRole('button', { name: /Delivery/ }).waitFor({ state: 'detached' });
    await admin.getByText('What people said of it').click();
    await admin.locator('.correct li').nth(3).waitFor();
    holds((await admin.locator('.correct li').first().innerText()).includes('does not speak of'), 'the newest first');
    same(await axe(admin), [], 'axe');
    await shot(admin, 'learn-inbox');
    quiet(admin);
  });

  await test('the doubtful are answered one at a time by keys, and undone', async () => {
    await admin.goto(`${server.url}/models/doubtful`);
    const words = admin.locator('article .said');
    await words.waitFor();
    const before = await words.innerText();
    holds(!/had read/.test(await admin.locator('main').innerText()), 'the reading of the program is not told before the answer');
    await admin.keyboard.press('1');
    await admin.getByText(/You said Unhappy/).waitFor();
    holds(await words.innerText() !== before, 'the next one');
    await admin.keyboard.press('u');
    await admin.getByText(/You said Unhappy/).waitFor({ state: 'detached' });
    same(await words.innerText(), before, 'again the first one');
    await admin.keyboard.press('s');
    await admin.waitForFunction((was) => document.querySelector('article .said')?.textContent !== was, before);
    quiet(admin);
  });

  await test('what is better by more than chance is learned, compared, put to use and taken back', async () => {
    admin.on('dialog', (d) => void d.accept());
    await admin.goto(`${server.url}/models`);
    await admin.getByRole('button', { name: 'Start learning' }).click();
    await admin.getByText('Learned: English.').waitFor({ timeout: 60_000 });
    const row = admin.getByRole('row').filter({ hasText: 'better by more than chance' });
    await row.getByRole('button', { name: /Own model/ }).click();
    await admin.getByRole('img', { name: /^Own: / }).waitFor();
    same(await admin.locator('section.card table.confusion').count(), 2, 'both models');
    await row.getByRole('button', { name: 'Put to use' }).click();
    await row.getByText('In use').waitFor();
    holds((await api('GET', '/api/models')).languages.find((l) => l.lang === 'en').model !== null, 'in use');
    await admin.getByRole('button', { name: 'Back to the shipped one' }).click();
    await row.getByRole('button', { name: 'Put to use' }).waitFor();
    same((await api('GET', '/api/models')).languages.find((l) => l.lang === 'en').model, null, 'taken back');
    same(await admin.getByRole('heading', { name: 'What was decided' }).count(), 1, 'and both decisions are kept');
    quiet(admin);
  });

  await test('bounds of a scale that cross are refused in words; good ones are kept', async () => {
    const low = admin.getByLabel('Unhappy up to: Stars, 1 to 5'), save = admin.getByRole('button', { name: 'Save', exact: true });
    await low.fill('4');
    await save.click();
    await admin.getByText('the bound of unhappy has to be below').waitFor();
    await low.fill('3');
    await save.click();
    await admin.getByText(/Changed by sara/).waitFor();
    same((await api('GET', '/api/models')).labelling.scales.find((s) => s.kind === 'rating').negative, 3, 'kept');
    quiet(admin);
  });

  const titles = { en: ['Models', 'Doubtful comments', 'How sure these figures are'], ar: ['النماذج', 'تعليقات مشكوك فيها', 'ما مدى الثقة بهذه الأرقام'], fa: ['مدل‌ها', 'نظرهای نامطمئن', 'این عددها چقدر مطمئن‌اند'] };
  const { id } = (await api('GET', '/api/models')).models[0];
  for (const lang of ['en', 'ar', 'fa'])
    for (const [size, at, theme] of [['wide', wide, 'light'], ['narrow', narrow, 'dark']])
      for (const [i, [name, path]] of [['models', `/models?model=${id}`], ['doubtful', '/models/doubtful'], ['topics', '/topics?topic=delivery']].entries())
        await test(`${name}: ${lang}, ${size}, ${theme}`, async () => {
          await speak(lang, theme);
          await admin.setViewportSize(at);
          await admin.goto(server.url + path);
          await admin.getByRole('heading', { name: titles[lang][i] }).first().waitFor();
          await calm(admin);
          if (name === 'topics') await admin.locator('.quotes summary').first().click();
          holds(await fits(admin), 'the page is not wider than the screen');
          same(await axe(admin), [], 'axe');
          await shot(admin, `learn-${name}-${lang}-${size}`);
          quiet(admin);
        });
} finally {
  await b.close();
  await server.stop();
}
finish();
