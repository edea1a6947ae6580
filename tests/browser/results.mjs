// The list of surveys and what one found, in three languages, light and dark, wide and narrow.
// usage: SAFAR=build/safar node tests/browser/results.mjs   (SAFAR_SHOTS=DIR keeps pictures)
import { axe, browser, calm, finish, holds, page, same, serve, shot, test } from './lib.mjs';

const words = { en: 'fast and friendly', fa: 'سریع و خوش‌برخورد', ar: 'سريع ولطيف' };
const document = {
  title: { default: 'After delivery', fa: 'پس از تحویل', ar: 'بعد التوصيل' }, 'cx:about': 'Order Delivered',
  elements: [
    { type: 'rating', name: 'nps', rateMin: 0, rateMax: 10, isRequired: true, 'cx:metric': 'nps', title: { default: 'Would you recommend us?', fa: 'ما را پیشنهاد می‌کنید؟', ar: 'هل توصي بنا؟' } },
    { type: 'comment', name: 'why', 'cx:text': true, title: { default: 'Why?', fa: 'چرا؟', ar: 'لماذا؟' } },
    { type: 'checkbox', name: 'used', title: { default: 'What did you use?', fa: 'از چه استفاده کردید؟', ar: 'ماذا استخدمت؟' }, choices: [{ value: 'app', text: { default: 'the app', fa: 'برنامه', ar: 'التطبيق' } }, { value: 'shop', text: { default: 'the shop', fa: 'فروشگاه', ar: 'المتجر' } }] },
    { type: 'rating', name: 'before', 'cx:metric': 'expectation', title: { default: 'What did you expect?', fa: 'چه انتظاری داشتید؟', ar: 'ماذا توقعت؟' } },
    { type: 'rating', name: 'after', 'cx:metric': 'experience', title: { default: 'How was it?', fa: 'چطور بود؟', ar: 'كيف كانت؟' } },
  ],
};
const server = await serve();
const b = await browser();
const admin = await page(b, server, { locale: 'en-GB' });
let csrf = '';
const api = async (method, path, data) => {
  const r = await admin.request.fetch(`${server.url}${path}`, { method, data, headers: { 'X-Safar-Csrf': csrf } });
  holds(r.ok(), `${method} ${path}: ${r.status()} ${await r.text()}`);
  return r.json();
};
const quiet = (p) => { same(p.complaints.splice(0), [], 'the page complained'); };
const speak = (lang, theme = 'light') => api('PATCH', '/api/me', { lang, theme });

try {
  await admin.goto(server.url);
  const token = new URL(server.setup).hash.slice(1);
  const done = await admin.request.post(`${server.url}/api/setup`, { data: { token, login: 'sara', name: 'Sara', password: 'a long enough one' } });
  holds(done.ok(), `setup: ${await done.text()}`);
  csrf = (await (await admin.request.get(`${server.url}/api/session`)).json()).csrf;
  await api('PATCH', '/api/organisation', { name: 'Naranj' });

  await test('without a survey the list offers to begin with a template', async () => {
    await admin.goto(`${server.url}/surveys`);
    await admin.getByRole('heading', { name: 'No survey yet' }).waitFor();
    holds(await admin.getByRole('link', { name: 'New survey' }).count() === 2, 'two ways to begin');
    await shot(admin, 'surveys-empty');
    same(await axe(admin), [], 'axe');
    quiet(admin);
  });

  const { key } = await api('POST', '/api/surveys', { document });
  await api('POST', `/api/surveys/${key}/state`, { state: 'live' });
  const { code } = await api('POST', `/api/surveys/${key}/links`, { channel: 'sms', unit: 'ruh/olaya' });
  for (let i = 0; i < 60; i++) {
    const lang = ['fa', 'ar', 'en'][i % 3];
    await api('POST', `/v1/surveys/${code}/responses`, { lang, answers: { nps: i % 4 ? 10 - (i % 3) : i % 7, why: i % 2 ? words[lang] : undefined, used: i % 5 ? ['app'] : ['app', 'shop'], before: 3 + (i % 3), after: 2 + (i % 4) } });
  }

  for (const [lang, heading] of [['en', 'Surveys'], ['fa', 'نظرسنجی‌ها'], ['ar', 'الاستبيانات']]) {
    await test(`the list says how many answered and the score with its interval (${lang})`, async () => {
      await speak(lang);
      await admin.goto(`${server.url}/surveys`);
      await admin.getByRole('heading', { name: heading, level: 1 }).waitFor();
      const row = admin.getByRole('row').nth(1);
      await row.getByRole('link').first().waitFor();
      holds((await row.innerText()).includes(document.title[lang] ?? document.title.default), 'its name');
      same((await api('GET', '/api/surveys')).surveys[0].score.n, 60, 'answers of the score');
      await shot(admin, `surveys-${lang}`);
      same(await axe(admin), [], 'axe');
      quiet(admin);
    });
    await test(`each question has its figures with n and interval (${lang})`, async () => {
      for (const [theme, width] of [['light', 1440], ['dark', 1440], ['light', 390], ['dark', 390]]) {
        await speak(lang, theme);
        await admin.setViewportSize({ width, height: 900 });
        await admin.goto(`${server.url}/surveys/${key}/results`);
        const nps = admin.getByRole('region', { name: document.elements[0].title[lang] ?? document.elements[0].title.default });
        await nps.waitFor();
        same(await nps.getByRole('row').count(), 12, 'a head and eleven values');
        holds(await admin.evaluate(() => document.documentElement.scrollWidth <= innerWidth + 1), `nothing runs out of the page at ${width}`);
        await shot(admin, `results-${lang}-${theme}-${width}`);
        if (width === 1440) same(await axe(admin), [], `axe ${theme}`);
        quiet(admin);
      }
      await admin.setViewportSize({ width: 1440, height: 900 });
    });
  }

  await test('a scope narrows the answers and the page says so', async () => {
    await speak('en');
    await admin.goto(`${server.url}/surveys/${key}/results`);
    await admin.getByRole('region', { name: 'Would you recommend us?' }).waitFor();
    await admin.getByLabel('Language').selectOption('fa');
    await admin.getByText('20 answers').first().waitFor();
    holds(new URL(admin.url()).searchParams.get('language') === 'fa', 'the address has it');
    const file = await admin.request.get(`${server.url}/api/surveys/${key}/responses?format=csv`);
    same((await file.text()).trim().split('\n').length, 61, 'one row a response, and a head');
  });

  /* Customers whose trouble decides both what they say and whether they say it. */
  const { write_key } = await api('POST', '/api/sources', { name: 'shop' });
  const sender = { Authorization: `Basic ${Buffer.from(`${write_key}:`).toString('base64')}` };
  const post = async (path, data) => { const r = await admin.request.post(`${server.url}${path}`, { data, headers: sender }); holds(r.ok(), `${path}: ${r.status()} ${await r.text()}`); };
  const { key: asked } = await api('POST', '/api/surveys', { document: { ...document, elements: [document.elements[0]] } });
  await api('POST', `/api/surveys/${asked}/state`, { state: 'live' });
  const people = Array.from({ length: 900 }, (_, i) => ({ who: `p${i}`, bad: [0, 0, 1, 2, 4][i % 5] }));
  const batch = people.flatMap(({ who, bad }, i) => [{ type: 'track', userId: who, event: i % 3 ? 'Order Placed' : 'Card Taken', messageId: who, timestamp: '2026-01-02T10:00:00Z' },
    ...Array.from({ length: bad }, (_, k) => ({ type: 'track', userId: who, event: 'Payment Failed', messageId: `${who}-${k}`, timestamp: `2026-01-03T1${k}:00:00Z`, properties: { failed: true } }))]);
  for (let at = 0; at < batch.length; at += 500) await post('/v1/batch', { batch: batch.slice(at, at + 500) });
  for (const [i, { who, bad }] of people.entries()) if ((i * 7919) % 10 < (bad ? 4 - bad / 2 : 8)) await post(`/v1/surveys/${asked}/responses`, { customer: who, answers: { nps: Math.max(0, 10 - 2 * bad - ((i * 31) % 7) % 4) } });
  await api('POST', '/api/segments', { key: 'card', name: { en: 'Card', fa: 'کارت', ar: 'البطاقة' }, rule: 'did "Card Taken"' });
  for (let i = 0; i < 200 && (await api('GET', '/api/status')).lag_events; i++) await new Promise((r) => setTimeout(r, 50));

  for (const [lang, weights, silent, behaviour] of [['en', 'Weights', 'What the silent would have said', 'behaviour: who answers'], ['fa', 'وزن‌ها', 'آنچه خاموشان می‌گفتند', 'رفتار: چه کسی پاسخ می‌دهد'], ['ar', 'الأوزان', 'ما كان الصامتون سيقولونه', 'السلوك: من يجيب']]) {
    await test(`weights are chosen, told beside the raw score, and refused in words; the silent are predicted (${lang})`, async () => {
      for (const [theme, width] of [['light', 1440], ['dark', 390]]) {
        await speak(lang, theme);
        await admin.setViewportSize({ width, height: 900 });
        await admin.goto(`${server.url}/surveys/${asked}/results`);
        const card = admin.getByRole('region', { name: weights, exact: true });
        await card.getByRole('button', { name: behaviour }).click();
        await card.getByRole('combobox').selectOption('card');
        await admin.waitForFunction(() => document.querySelectorAll('section table caption').length > 0);
        same(new URL(admin.url()).searchParams.get('weight'), 'behaviour,segment:card', 'the address has it');
        const found = await api('GET', `/api/surveys/${asked}/results?weight=behaviour,segment:card`);
        same(found.weighting.state, 'made', 'weighting');
        holds(found.questions[0].weighted.est < found.questions[0].score.est - 5, 'the unhappy were silent');
        const said = await admin.request.get(`${server.url}/api/surveys/${asked}/silent`);
        same((await said.json()).refused, null, 'predicted');
        const region = admin.getByRole('region', { name: silent });
        await region.getByRole('row').nth(3).waitFor();
        await calm(admin);
        holds(await admin.evaluate(() => document.documentElement.scrollWidth <= innerWidth + 1), `nothing runs out of the page at ${width}`);
        await shot(admin, `weights-${lang}-${theme}-${width}`);
        await region.scrollIntoViewIfNeeded();
        await shot(admin, `silent-${lang}-${theme}-${width}`);
        if (width === 1440) same(await axe(admin), [], `axe ${theme}`);
        await admin.goto(`${server.url}/surveys/${asked}/results?weight=channel`);
        await card.getByRole('status').waitFor();
        await shot(admin, `weights-refused-${lang}-${theme}-${width}`);
        quiet(admin);
      }
      await admin.setViewportSize({ width: 1440, height: 900 });
    });
  }
} finally {
  await b.close();
  await server.stop();
}
finish();
