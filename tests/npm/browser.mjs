// SDKs for pages as they are published, in Chromium, on a page of another origin than the server.
// Each is refused once with 503 and has to send again; what it told is then on its customer's page, once.
// usage: SAFAR=build/safar node tests/npm/browser.mjs
import { existsSync, readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { browser, finish, holds, same, serve, test } from '../browser/lib.mjs';

const modules = join(dirname(fileURLToPath(import.meta.url)), 'node_modules');
if (!existsSync(join(modules, 'posthog-js'))) {
  console.log('the clients are not installed: npm ci in tests/npm');
  console.log('0 passed, 0 failed, 1 skipped');
  process.exit(0);
}

const listen = (server) => new Promise((ok) => server.listen(0, '127.0.0.1', () => ok(`http://127.0.0.1:${server.address().port}`)));

/** The shop's own site: an empty page, and the SDKs' files. */
const shop = createServer((ask, answer) => {
  const path = normalize(decodeURIComponent(new URL(ask.url, 'http://x').pathname));
  const file = join(modules, path);
  if (/\.m?js$/.test(path) && existsSync(file)) answer.writeHead(200, { 'Content-Type': 'text/javascript' }).end(readFileSync(file));
  else if (path === '/products') answer.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>Shop</title><button id="buy">Buy now</button>');
  else answer.writeHead(404).end();
});

/** In front of Safar: the first POST that carries events is refused, as a busy server does; the answer to the next is lost. */
function busy(target) {
  const seen = { refused: 0, lost: 0, others: 0 };
  const proxy = createServer((ask, answer) => {
    const carries = ask.method === 'POST' && !/flags|decide/.test(ask.url);
    if (carries && seen.refused === 0) {
      seen.refused++;
      ask.resume().on('end', () => answer.writeHead(503, { 'Retry-After': '1', 'Access-Control-Allow-Origin': ask.headers.origin, 'Access-Control-Allow-Credentials': 'true' }).end());
      return;
    }
    const on = request(`${target}${ask.url}`, { method: ask.method, headers: ask.headers }, (from) => {
      if (carries && from.statusCode === 200 && seen.lost === 0) {
        seen.lost++;
        from.resume().on('end', () => ask.socket.destroy());
        return;
      }
      answer.writeHead(from.statusCode, from.headers);
      from.pipe(answer);
    });
    on.on('error', () => answer.destroy());
    ask.pipe(on);
  });
  return { proxy, seen };
}

const server = await serve();
const site = await listen(shop);
const b = await browser();
const admin = await (await b.newContext()).newPage();
let csrf = '';
const api = async (method, path, data) => {
  const r = await admin.request.fetch(`${server.url}${path}`, { method, data, headers: { 'X-Safar-Csrf': csrf } });
  holds(r.ok(), `${method} ${path}: ${r.status()} ${await r.text()}`);
  return r.json();
};

/** The page runs `script` with the address and the key; then every event is looked up on its customer's page. */
async function delivers(name, script, told, { retries = true } = {}) {
  const key = (await api('POST', '/api/sources', { name })).write_key;
  const { proxy, seen } = busy(server.url);
  if (!retries) seen.refused = seen.lost = 1;
  const address = await listen(proxy);
  const context = await b.newContext();
  const page = await context.newPage();
  const said = [];
  page.on('console', (m) => said.push(m.text()));
  page.on('pageerror', (e) => said.push(String(e)));
  const stored = async () => (await api('GET', '/api/sources')).sources.find((s) => s.name === name).sums;
  try {
    await page.goto(`${site}/products?utm_source=news`);
    await page.evaluate(`(${script})(${JSON.stringify({ address, key })})`);
    let sums = await stored();
    for (let i = 0; i < 120 && (sums.stored < told.length || (retries && sums.duplicate === 0)); i++) {
      await new Promise((r) => setTimeout(r, 500));
      sums = await stored();
    }
    same([sums.stored, sums.set_aside, sums.refused], [told.length, 0, 0], `${JSON.stringify(sums)} ${said.join(' | ').slice(0, 1500)}`);
    if (retries) same([seen.refused, seen.lost, sums.duplicate > 0], [1, 1, true], 'refused, lost, sent again');
    while ((await api('GET', '/api/status')).lag_events > 0) await new Promise((r) => setTimeout(r, 50));
    const by = Map.groupBy ? Map.groupBy(told, (t) => t[0]) : told.reduce((m, t) => m.set(t[0], [...(m.get(t[0]) ?? []), t]), new Map());
    for (const [customer, want] of by) {
      const { events } = await api('GET', `/api/customers/${encodeURIComponent(customer)}?limit=500`);
      same(events.map((e) => `${e.type} ${e.name}`).sort(), want.map((t) => `${t[1]} ${t[2]}`).sort(), customer);
    }
  } finally {
    await context.close();
    proxy.closeAllConnections();
    proxy.close();
  }
}

try {
  await admin.goto(server.url);
  const token = new URL(server.setup).hash.slice(1);
  const done = await admin.request.post(`${server.url}/api/setup`, { data: { token, login: 'sara', name: 'Sara', password: 'a long enough one' } });
  holds(done.ok(), `setup: ${await done.text()}`);
  csrf = (await (await admin.request.get(`${server.url}/api/session`)).json()).csrf;

  for (const strategy of ['one by one', 'batching']) {
    await test(`analytics-next delivers every call from another origin, ${strategy}`, () => delivers(`segment ${strategy}`, `async ({ address, key }) => {
      await new Promise((ok, no) => { const s = document.createElement('script'); s.src = '/@segment/analytics-next/dist/umd/index.js'; s.onload = ok; s.onerror = no; document.head.append(s); });
      const deliveryStrategy = ${JSON.stringify(strategy === 'batching' ? { strategy: 'batching', config: { size: 3, timeout: 500 } } : {})};
      const [analytics] = await AnalyticsNext.AnalyticsBrowser.load({ writeKey: key, cdnURL: address }, { integrations: { 'Segment.io': { deliveryStrategy } } });
      const who = 'segment ${strategy}';
      analytics.identify(who, { plan: 'pro', name: 'نام' });
      analytics.track('Order Completed', { value: 9.5, currency: 'EUR' });
      analytics.page('Docs', 'Home');
      analytics.screen('Start');
      analytics.group('g1', { name: 'Init' });
      analytics.alias(who, 'before ' + who);
    }`, [['identify', 'identify'], ['track', 'Order Completed'], ['page', 'Home'], ['screen', 'Start'], ['group', 'group'], ['alias', 'alias']].map((t) => [`segment ${strategy}`, ...t])));
  }

  await test('@rudderstack/analytics-js delivers every call from another origin', () => delivers('rudder', `async ({ address, key }) => {
    const { RudderAnalytics } = await import('/@rudderstack/analytics-js/dist/npm/modern/bundled/esm/index.mjs');
    const rudder = new RudderAnalytics();
    rudder.load(key, address, { configUrl: address, sendAdblockPage: false });
    await new Promise((ok) => rudder.ready(ok));
    rudder.identify('rudder', { plan: 'pro', name: 'نام' });
    rudder.track('Order Completed', { value: 9.5, currency: 'EUR' });
    rudder.page('Docs', 'Home');
    rudder.group('g1', { name: 'Init' });
    rudder.alias('rudder', 'before rudder');
  }`, [['identify', 'identify'], ['track', 'Order Completed'], ['page', 'Home'], ['group', 'group'], ['alias', 'alias']].map((t) => ['rudder', ...t])));

  await test('posthog-js delivers every call from another origin', () => delivers('posthog', `async ({ address, key }) => {
    const { default: posthog } = await import('/posthog-js/dist/module.js');
    await new Promise((ok) => posthog.init(key, { api_host: address, loaded: ok, capture_pageview: false, capture_pageleave: false, autocapture: true, capture_performance: false, disable_external_dependency_loading: true, opt_out_useragent_filter: true }));
    posthog.identify('posthog', { plan: 'pro', name: 'نام' });
    posthog.capture('Order Completed', { value: 9.5, currency: 'EUR' });
    posthog.capture('$pageview');
    posthog.capture('survey sent', { $survey_id: 's1', $survey_response: 'thanks' });
    posthog.group('company', 'g1', { name: 'Init' });
    posthog.alias('before posthog', 'posthog');
    await new Promise((ok) => setTimeout(ok, 500));
    document.getElementById('buy').click();
  }`, [['identify', 'identify'], ['track', 'Order Completed'], ['page', '/products'], ['track', 'survey sent'], ['group', 'group'], ['alias', 'alias'], ['track', 'click Buy now']].map((t) => ['posthog', ...t])));

  await test('pictures of Matomo and RudderStack are seen from another origin', () => delivers('pictures', `async ({ address, key }) => {
    const show = (src) => new Promise((ok, no) => { const i = new Image(); i.onload = () => (i.naturalWidth === 1 ? ok() : no(new Error('no point'))); i.onerror = no; i.src = src; });
    await show(address + '/matomo/' + key + '/matomo.php?idsite=1&rec=1&uid=pictures&action_name=Home&rand=1&url=' + encodeURIComponent(location.href));
    await show(address + '/matomo.php?idsite=1&rec=1&token_auth=' + key + '&uid=pictures&e_c=video&e_a=play&rand=2');
    await show(address + '/pixel/v1/track?writeKey=' + key + '&userId=pictures&event=Mail%20Opened&properties.list=%D9%86%D8%A7%D9%85');
    await show(address + '/pixel/v1/page?writeKey=' + key + '&userId=pictures&name=Letter');
    const sent = await fetch(address + '/matomo.php', { method: 'POST', body: 'idsite=1&rec=1&token_auth=' + key + '&uid=pictures&download=x.pdf&rand=3' });
    if (sent.status !== 200) throw new Error(await sent.text());
  }`, [['page', 'Home'], ['track', 'video: play'], ['track', 'Mail Opened'], ['page', 'Letter'], ['track', 'File Downloaded']].map((t) => ['pictures', ...t]), { retries: false }));
} finally {
  await b.close();
  shop.closeAllConnections();
  shop.close();
  await server.stop();
}
finish();
