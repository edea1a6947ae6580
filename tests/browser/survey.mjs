// Surveys as respondents meet them: the hosted page in three languages, by touch, by keyboard, without JavaScript, without a network; its size; the builder.
// usage: SAFAR=build/safar node tests/browser/survey.mjs   (SAFAR_SHOTS=DIR keeps pictures)
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { axe, browser, calm, finish, holds, page, same, serve, shot, test } from './lib.mjs';

const delivery = JSON.parse(readFileSync(new URL('./delivery.json', import.meta.url), 'utf8'));
const server = await serve();
const b = await browser();
const admin = await page(b, server, { locale: 'en-GB' });
let csrf = '';
const api = async (method, path, data) => {
  const r = await admin.request.fetch(`${server.url}/api/${path}`, { method, data, headers: { 'X-Safar-Csrf': csrf } });
  holds(r.ok(), `${method} ${path}: ${r.status()} ${await r.text()}`);
  return r.status() === 204 ? null : r.json();
};
const phone = (options = {}) => page(b, server, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, reducedMotion: 'reduce', ...options });
const answersOf = async (survey) => (await api('GET', `surveys`)).surveys.find((s) => s.key === survey);
const quiet = (p) => { const said = p.complaints.splice(0); same(said, [], 'the page complained'); };

async function made(document, link = {}) {
  const { key } = await api('POST', 'surveys', { document });
  await api('POST', `surveys/${key}/state`, { state: 'live' });
  const { code } = await api('POST', `surveys/${key}/links`, { name: 'Till 1', channel: 'qr', ...link });
  return { key, code, url: `${server.url}/s/${code}` };
}
/** Touch targets below 44 px. Fields of one line count by their box, radios by the surface over them. */
const small = (p) => p.evaluate(() => [...document.querySelectorAll('.cx :is(.pick, button, select, textarea, a, input:not([type=hidden], .pick > input))')]
  .map((e) => [e, e.getBoundingClientRect()]).filter(([, r]) => r.width > 0 && (r.height < 43.5 || r.width < 43.5)).map(([e, r]) => `${e.outerHTML.slice(0, 60)} ${r.width}x${r.height}`));

try {
  await admin.goto(server.url);
  const token = new URL(server.setup).hash.slice(1);
  const done = await admin.request.post(`${server.url}/api/setup`, { data: { token, login: 'sara', name: 'Sara', password: 'a long enough one' } });
  holds(done.ok(), `setup: ${await done.text()}`);
  csrf = (await (await admin.request.get(`${server.url}/api/session`)).json()).csrf;
  await api('PATCH', 'organisation', { name: 'Naranj' });
  const survey = await made(delivery);

  await test('a page with its script and style is below 25 KB, and keeps the promises of its headers', async () => {
    const res = await admin.request.get(`${survey.url}?lang=fa`), html = await res.text();
    const parts = [...html.matchAll(/(?:href|src)="(\/survey\/[^"]+)"/g)].map((m) => m[1]);
    same(parts.length, 2, 'one style, one script');
    let bytes = gzipSync(html).length;
    for (const path of parts) {
      const file = await admin.request.get(server.url + path);
      holds(/immutable/.test(file.headers()['cache-control']), `${path} is kept`);
      bytes += gzipSync(await file.body(), { level: 9 }).length;
    }
    console.log(`     page, script and style: ${bytes} bytes`);
    holds(bytes < 25 * 1024, `${bytes} bytes`);
    const policy = res.headers()['content-security-policy'];
    holds(/default-src 'none'/.test(policy) && !/unsafe/.test(policy) && !/style=|<script>|onclick/.test(html), `policy ${policy}`);
    holds(!res.headers()['set-cookie'], 'no cookie');
    const w = await admin.request.get(`${server.url}/w.js`);
    holds(gzipSync(await w.body(), { level: 9 }).length < 25 * 1024, 'the widget is below 25 KB');
  });

  for (const [lang, want] of [['fa', { dir: 'rtl', zero: '۰', ten: '۱۰', next: 'بعدی' }], ['ar', { dir: 'rtl', zero: '0', ten: '10', next: 'التالي' }], ['en', { dir: 'ltr', zero: '0', ten: '10', next: 'Next' }]]) {
    for (const scheme of ['light', 'dark']) {
      await test(`${lang}, ${scheme}, phone: the scale runs in reading direction, digits as set, large enough, no violation`, async () => {
        const p = await phone({ colorScheme: scheme });
        await p.goto(`${survey.url}?lang=${lang}`);
        same(await p.evaluate(() => [document.documentElement.lang, document.documentElement.dir]), [lang, want.dir], 'language and direction');
        const x = async (value) => (await p.locator(`.sc input[value="${value}"]`).boundingBox()).x;
        holds(want.dir === 'rtl' ? (await x(0)) > (await x(5)) : (await x(0)) < (await x(5)), '0 stands where reading begins');
        same(await p.locator('.sc .pick span').first().textContent(), want.zero, 'the first digit');
        same(await p.locator('.sc .pick span').last().textContent(), want.ten, 'the last digits');
        await p.evaluate(() => document.fonts.ready);
        await shot(p, `survey-${lang}-${scheme}-390`);
        same(await axe(p), [], 'axe');
        same(await small(p), [], 'targets below 44 px');
        holds((await p.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0, 'no sideways scrolling');
        await p.setViewportSize({ width: 1280, height: 900 });
        await shot(p, `survey-${lang}-${scheme}-1280`);
        quiet(p);
        await p.context().close();
      });
    }
  }

  await test('by touch in Persian: a score brings up its question, pages change in place, it is kept on the way and counted once', async () => {
    const before = (await answersOf(survey.key)).completed;
    const p = await phone();
    await p.goto(`${survey.url}?lang=fa`);
    await p.locator('.pick:has(input[value="3"])').first().tap();
    await p.getByText('چه چیزی باید بهتر می‌شد؟').waitFor();
    same(await p.getByText('از چه چیزی بیشتر خوش‌تان آمد؟').isVisible(), false, 'the other branch');
    await p.locator('textarea[name=why]').fill('سه روز پیگیر بودم و هیچ‌کس نمی‌دانست بسته‌ام کجاست.');
    await shot(p, 'survey-fa-answered-390');
    await p.getByRole('button', { name: 'بعدی' }).tap();
    await p.getByText('پیک چطور بود؟').waitFor();
    await p.locator('.stars .pick').nth(3).tap();
    await p.locator('.faces .pick').nth(1).tap();
    await shot(p, 'survey-fa-stars-390');
    same(await axe(p), [], 'axe, second page');
    await p.getByRole('button', { name: 'قبلی' }).tap();
    await p.locator('textarea[name=why]').waitFor();
    same(await p.locator('textarea[name=why]').inputValue(), 'سه روز پیگیر بودم و هیچ‌کس نمی‌دانست بسته‌ام کجاست.', 'the words stayed');
    await p.reload();
    // What was kept on the way is there again, and it goes on at the first page without an answer.
    await p.getByText('تا چه اندازه موافق‌اید؟').waitFor();
    await p.getByRole('button', { name: 'قیمت: بالاتر' }).tap();
    same(await p.locator('.rank label').allTextContents(), ['قیمت', 'سرعت', 'دقت'], 'the order after moving');
    await shot(p, 'survey-fa-rest-390');
    same(await axe(p), [], 'axe, third page');
    same(await small(p), [], 'targets below 44 px');
    await p.getByRole('button', { name: 'فرستادن' }).tap();
    await p.getByRole('heading', { name: 'سپاس از شما' }).waitFor();
    await shot(p, 'survey-fa-done-390');
    same((await answersOf(survey.key)).completed, before + 1, 'counted once');
    quiet(p);
    await p.context().close();
  });

  await test('by keyboard in Arabic: digits choose, arrows follow the writing, Enter goes on', async () => {
    const before = (await answersOf(survey.key)).completed;
    const p = await phone({ hasTouch: false, isMobile: false });
    const chosen = () => p.locator('.sc input:checked').first().inputValue();
    await p.goto(`${survey.url}?lang=ar`);
    await p.keyboard.press('7');
    same(await chosen(), '7', 'a digit');
    await p.keyboard.press('ArrowLeft');
    same(await chosen(), '8', 'left goes on in Arabic');
    await p.keyboard.press('ArrowRight');
    same(await chosen(), '7', 'right goes back');
    await p.waitForTimeout(900);
    await p.keyboard.press('1');
    await p.keyboard.press('0');
    same(await chosen(), '10', 'one and nought are ten');
    await p.getByText('ما أكثر ما أعجبك؟').waitFor();
    await p.keyboard.press('Enter');
    await p.getByText('كيف كان المندوب؟').waitFor();
    same(await p.evaluate(() => document.activeElement?.id), 'main', 'the focus is where the new page begins');
    for (let i = 0; i < 12; i++) {
      await p.keyboard.press('Tab');
      if (await p.evaluate(() => document.activeElement?.textContent === 'التالي')) break;
    }
    await p.keyboard.press('Enter');
    await p.getByText('إلى أي مدى توافق؟').waitFor();
    await p.locator('button.p').focus();
    await p.keyboard.press('Enter');
    await p.getByRole('heading', { name: 'شكرًا لكم' }).waitFor();
    same((await answersOf(survey.key)).completed, before + 1, 'counted once');
    quiet(p);
    await p.context().close();
  });

  for (const lang of ['fa', 'ar', 'en']) {
    await test(`without JavaScript in ${lang}: an error at its question, a branch, back and next, sent`, async () => {
      const before = (await answersOf(survey.key)).completed;
      const p = await phone({ javaScriptEnabled: false });
      const go = (name) => p.locator(`button[value=${name}]`).click();
      await p.goto(`${survey.url}?lang=${lang}`);
      await go('next');
      same(await p.locator('#sum').count(), 1, 'the sum of errors');
      same(await p.locator('.q.bad .err').count(), 1, 'the error at its question');
      await shot(p, `survey-${lang}-error-390`);
      await p.locator('.pick:has(input[value="9"])').first().click();
      await go('next');
      same(await p.locator('textarea[name=good]').isVisible(), true, 'the question that 9 brings up');
      same(await p.locator('input[value="9"]').first().isChecked(), true, 'the score stayed');
      await p.locator('textarea[name=good]').fill('<b>"x" & y</b>');
      await go('next');
      await p.locator('.pick:has(input[name=stars][value="4"])').click();
      await go('back');
      same(await p.locator('textarea[name=good]').inputValue(), '<b>"x" & y</b>', 'the words stayed as they were');
      await go('next');
      same(await p.locator('input[name=stars][value="4"]').isChecked(), true, 'the later answer stayed as well');
      await go('next');
      await p.locator('select[name="r[a]"]').selectOption('2');
      await p.locator('select[name="r[b]"]').selectOption('1');
      await p.locator('select[name="r[c]"]').selectOption('3');
      await go('next');
      same(await p.locator('.end').count(), 1, 'the end');
      same((await answersOf(survey.key)).completed, before + 1, 'counted once');
      await p.context().close();
    });
  }

  await test('without a network the answer waits on the device and is sent when there is one', async () => {
    const one = await made({ locale: 'en', title: 'One', pages: [{ elements: [{ type: 'rating', name: 'nps', title: 'How likely?', rateMin: 0, rateMax: 10, isRequired: true, 'cx:metric': 'nps' }] }] });
    const p = await phone();
    await p.goto(one.url);
    await p.locator('.pick').nth(9).tap();
    await p.context().setOffline(true);
    await p.getByRole('button', { name: 'Send' }).tap();
    await p.getByText('No connection.').waitFor();
    await p.context().setOffline(false);
    await p.getByRole('heading', { name: 'Thank you' }).waitFor({ timeout: 15_000 });
    same((await answersOf(one.key)).completed, 1, 'counted once');
    await p.context().close();
  });

  await test('a link that ended, a survey that rests, one that is closed and an address that never was explain themselves', async () => {
    const p = await phone();
    const says = async (url, title, status = 200) => {
      const r = await p.goto(`${url}?lang=en`);
      same(r.status(), status, url);
      await p.getByRole('heading', { name: title }).waitFor();
      same(await axe(p), [], 'axe');
    };
    const ended = await api('POST', `surveys/${survey.key}/links`, { name: 'old', expires_ms: Date.now() + 1500 });
    const other = await made(delivery);
    await api('POST', `surveys/${other.key}/state`, { state: 'paused' });
    await says(other.url, 'This survey is resting');
    await api('POST', `surveys/${other.key}/state`, { state: 'closed' });
    await says(other.url, 'This survey is closed');
    await says(`${server.url}/s/nothing1`, 'There is no survey here', 404);
    await p.waitForTimeout(1600);
    await says(`${server.url}/s/${ended.code}`, 'This link has ended');
    await shot(p, 'survey-en-ended-390');
    p.complaints.length = 0;
    await p.context().close();
  });

  await test('the kiosk thanks, forgets and starts again; without a network it queues and says how many', async () => {
    const till = await made({ locale: 'fa', title: 'یک', pages: [{ elements: [{ type: 'rating', name: 'csat', title: 'چقدر راضی بودید؟', rateMin: 1, rateMax: 5, rateType: 'smileys', isRequired: true, 'cx:metric': 'csat' }] }] }, { channel: 'kiosk', unit: 'valiasr' });
    const p = await page(b, server, { viewport: { width: 1024, height: 768 }, hasTouch: true });
    await p.goto(`${till.url}?kiosk=1`);
    await p.getByRole('button', { name: 'فرستادن' }).tap();
    await p.locator('.q.bad .err').waitFor();
    await shot(p, 'kiosk-fa');
    same(await axe(p), [], 'axe');
    const answer = async (n) => {
      await p.locator('.faces .pick').nth(n).tap();
      await p.getByRole('button', { name: 'فرستادن' }).tap();
      await p.getByRole('heading', { name: 'سپاس از شما' }).waitFor();
      await p.getByRole('button', { name: 'نفر بعدی' }).tap();
      await p.locator('.faces').waitFor();
      same(await p.locator('.faces input:checked').count(), 0, 'nothing is left of the one before');
    };
    await answer(4);
    await p.context().setOffline(true);
    await answer(0);
    await answer(1);
    await p.getByText('۲ پاسخ در انتظار فرستادن است').waitFor();
    await p.context().setOffline(false);
    await p.evaluate(() => dispatchEvent(new Event('online')));
    await p.waitForFunction(() => !document.body.textContent.includes('در انتظار'), undefined, { timeout: 15_000 });
    same((await answersOf(till.key)).completed, 3, 'three answers, each once');
    await p.context().close();
  });
  await test('a score clicked in a mail: opening all eleven keeps nothing, sending keeps one', async () => {
    const mail = await made(delivery);
    for (let v = 0; v <= 10; v++) same((await admin.request.get(`${server.url}/e/${mail.code}?q=nps&v=${v}&lang=ar`)).status(), 200, 'opened by a scanner');
    const none = await answersOf(mail.key);
    same([none.started, none.completed], [0, 0], 'opening starts nothing');
    const p = await phone();
    await p.goto(`${server.url}/e/${mail.code}?q=nps&v=9&lang=ar`);
    same(await p.locator('input[name=nps]:checked').inputValue(), '9', 'the score is chosen');
    await p.getByText('اخترتم 9').waitFor();
    same(await axe(p), [], 'axe');
    await shot(p, 'mail-ar-390');
    await p.locator('button.p').tap();
    await p.locator('.stars').waitFor();
    same((await answersOf(mail.key)).started, 1, 'sending starts one');
    quiet(p);
    await p.context().close();
  });

  await test('the builder: a template, a question by keyboard, words side by side, a condition as a sentence, the preview, undo, saved', async () => {
    const p = admin;
    await p.goto(`${server.url}/surveys/new`);
    await p.getByRole('button', { name: /Would you recommend us/ }).click();
    const list = p.getByRole('navigation', { name: 'Questions' }), frame = p.frameLocator('iframe');
    await frame.locator('.sc').first().waitFor();
    const before = await list.locator('.item').count();
    await list.locator('.item').nth(before - 1).focus();
    await p.keyboard.press('Enter');
    await p.getByLabel('Add a question').selectOption('stars');
    same(await list.locator('.item').count(), before + 1, 'one more question');
    await p.getByLabel('Question · English').fill('How was the courier?');
    await p.getByLabel('Question · فارسی').fill('پیک چطور بود؟');
    await p.getByRole('button', { name: 'Add a condition' }).click();
    await p.getByLabel('How it compares').selectOption('>=');
    await p.getByLabel('Value', { exact: true }).fill('9');
    await list.locator('[aria-current="true"]').focus();
    await p.keyboard.press('Alt+ArrowUp');
    same(await list.locator('.item').nth(before - 1).getAttribute('aria-current'), 'true', 'Alt with an arrow moved it');
    await p.getByRole('group', { name: 'Language' }).getByText('فارسی').click();
    await frame.locator('html[lang=fa]').waitFor({ state: 'attached' });
    await frame.getByText('پیک چطور بود؟').waitFor({ state: 'attached' });
    await p.getByRole('group', { name: 'Width' }).getByText('Tablet').click();
    same(await p.locator('iframe').evaluate((e) => e.clientWidth), 768, 'as wide as a tablet');
    await shot(p, 'builder-en');
    same(await axe(p), [], 'axe');
    await list.locator('[aria-current="true"]').focus();
    await p.keyboard.press('Delete');
    same(await list.locator('.item').count(), before, 'deleted');
    await p.keyboard.press('Control+z');
    same(await list.locator('.item').count(), before + 1, 'and back');
    await p.getByRole('button', { name: 'Save', exact: true }).click();
    await p.waitForURL(/\/surveys\/[^/]+\/edit$/);
    await p.getByText('Version 1').waitFor();
    const key = decodeURIComponent(new URL(p.url()).pathname.split('/')[2]);
    const saved = (await api('GET', `surveys/${key}`)).document.pages.flatMap((x) => x.elements).find((e) => e.name === 'stars');
    same([saved.title.fa, saved.visibleIf.endsWith('>= 9')], ['پیک چطور بود؟', true], 'what was built is what was saved');
    p.complaints.length = 0;
  });

  // A shop on another origin, whose policy lets nothing in but its own script and our address.
  const shop = createServer((req, res) => {
    res.setHeader('Content-Security-Policy', `default-src 'none'; script-src 'self' ${server.url}; connect-src ${server.url}; base-uri 'none'; form-action 'none'`);
    if (req.url === '/shop.js') { res.setHeader('Content-Type', 'text/javascript'); res.end("window.cx = window.cx || []; cx.push(['identify', new URL(location.href).searchParams.get('u') || '']); document.getElementById('pay').addEventListener('click', () => cx.push(['track', 'Payment failed']));"); return; }
    res.setHeader('Content-Type', 'text/html');
    res.end(`<!doctype html><html lang="en"><title>Shop</title><h1>Pay</h1><button id="pay">Pay</button><script src="/shop.js"></script><script async src="${server.url}/w.js" data-key="${key}" data-lang="fa"></script></html>`);
  });
  await new Promise((r) => shop.listen(0, '127.0.0.1', r));
  const shopUrl = `http://127.0.0.1:${shop.address().port}/`;
  const { write_key: key } = await api('POST', 'sources', { name: 'shop' });
  const widget = await made({ locale: 'en', title: { default: 'Payment', fa: 'پرداخت' }, 'cx:widget': { mode: 'corner', event: { name: 'Payment failed', count: 3, window_s: 600 } },
    pages: [{ elements: [{ type: 'rating', name: 'ces', title: { default: 'Paying was easy', fa: 'پرداخت آسان بود' }, rateMin: 1, rateMax: 7, isRequired: true, 'cx:metric': 'ces' }, { type: 'comment', name: 'why', title: { fa: 'چرا؟', default: 'Why?' }, visibleIf: '{ces} < 4', 'cx:text': true }] }] });
  // Its script has run and, unless it is refused, has read which surveys there are.
  const loaded = async (p) => { await p.waitForFunction(() => typeof globalThis.cx?.identify === 'function'); await p.waitForLoadState('networkidle'); };
  const visit = async (user, options = {}) => {
    const p = await (await b.newContext({ viewport: { width: 1000, height: 760 }, ...options })).newPage();
    p.complaints = [];
    p.on('console', (m) => { if (m.type() === 'error' && !/favicon|Failed to load resource/.test(m.text())) p.complaints.push(m.text()); });
    p.on('pageerror', (e) => p.complaints.push(e.message));
    await p.goto(`${shopUrl}?u=${user}`);
    await loaded(p);
    return p;
  };
  const shown = (p) => p.locator('cx-survey').count();

  await test('the widget on a page of another origin under a strict policy: after the third failed payment, once', async () => {
    const p = await visit('u-1');
    for (let i = 0; i < 2; i++) await p.click('#pay');
    await p.waitForTimeout(400);
    same(await shown(p), 0, 'not after the second');
    await p.reload();
    await loaded(p);
    await p.click('#pay');
    await p.locator('cx-survey').waitFor({ state: 'attached' });
    await p.getByText('پرداخت آسان بود').waitFor();
    same(await p.evaluate(() => { const h = document.querySelector('cx-survey'), r = h.getBoundingClientRect(); return [h.dir, getComputedStyle(h).position, r.right < innerWidth && r.left >= 0 && r.left < 40, document.querySelectorAll('[style]').length]; }), ['rtl', 'fixed', true, 0], 'in the corner where lines end, without a style attribute');
    await p.locator('cx-survey .pick').nth(1).click();
    await p.getByText('چرا؟').waitFor();
    await shot(p, 'widget-fa');
    same((await axe(p)).filter((v) => !/^(region|landmark|page-has)/.test(v)), [], 'axe');
    await p.locator('cx-survey textarea').fill('کارت رد شد');
    await p.locator('cx-survey button.p').click();
    await p.getByText('سپاس از شما').waitFor();
    await p.locator('cx-survey .x').click();
    same(await shown(p), 0, 'closed');
    same((await answersOf(widget.key)).completed, 1, 'answered once');
    await p.reload();
    await loaded(p);
    for (let i = 0; i < 3; i++) await p.click('#pay');
    await p.waitForTimeout(1500);
    same(await shown(p), 0, 'not again');
    same(p.complaints, [], 'the policy was not touched');
    await p.context().close();
  });

  await test('the widget is not asked for somebody who refuses to be followed, Escape closes it, a visitor without a name is asked as well', async () => {
    const quietly = await visit('u-2', { extraHTTPHeaders: { 'Sec-GPC': '1' } });
    await quietly.addInitScript(() => Object.defineProperty(navigator, 'globalPrivacyControl', { value: true }));
    await quietly.reload();
    for (let i = 0; i < 4; i++) await quietly.click('#pay');
    await quietly.waitForTimeout(800);
    same(await shown(quietly), 0, 'refused');
    await quietly.context().close();
    const p = await visit('');
    for (let i = 0; i < 3; i++) await p.click('#pay');
    await p.locator('cx-survey').waitFor({ state: 'attached' });
    await p.keyboard.press('Escape');
    same(await shown(p), 0, 'Escape closes');
    same(p.complaints, [], 'nothing was complained');
    await p.context().close();
  });

  await test('forty customers trigger five surveys at once: each is asked once, and the log counts every trigger', async () => {
    const five = [];
    for (let i = 0; i < 5; i++) five.push(await made({ locale: 'en', title: `At once ${i}`, 'cx:widget': {}, elements: [{ type: 'rating', name: 'nps', rateMin: 0, rateMax: 10, 'cx:metric': 'nps' }] }));
    const asks = [];
    for (let u = 0; u < 40; u++) for (const s of five) asks.push([s.key, `many-${u}`]);
    const answers = await Promise.all(asks.map(async ([survey, customer]) => [customer, await (await fetch(`${server.url}/v1/widget/${key}/ask`, { method: 'POST', body: JSON.stringify({ survey, customer }) })).json()]));
    const won = new Map();
    for (const [customer, a] of answers) won.set(customer, (won.get(customer) ?? 0) + (a.show ? 1 : 0));
    same([...new Set(won.values())], [1], 'one of five for each');
    let logged = 0;
    for (const survey of five) logged += (await api('GET', `contact/decisions?survey=${survey.key}&limit=200`)).decisions.length;
    same(logged, asks.length, 'the log has every trigger');
  });

  shop.closeAllConnections();
  await new Promise((r) => shop.close(r));
} finally {
  await b.close();
  await server.stop();
}
finish();
