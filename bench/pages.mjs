// The Explore pages over many events: how long from a click to the new answer on the screen, and a picture of each page.
// usage: SAFAR=build/safar node bench/pages.mjs DATA_DIR [PICTURES_DIR]     (DATA_DIR as bench/run.py leaves it; LANGS=en,fa; PAGES=flow,compare: only these)
// An interaction is timed inside the page: from the event until the answer that was asked for is drawn (nothing marked data-answer says that it is
// being read), and a frame after it; beside it, until no request is under way and nothing on the page is being read any more.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { browser, calm } from '../tests/browser/lib.mjs';

const [data, pictures] = process.argv.slice(2);
if (!data) { console.error('usage: node bench/pages.mjs DATA_DIR [PICTURES_DIR]'); process.exit(2); }
const binary = resolve(process.env.SAFAR ?? 'build/safar');
const langs = (process.env.LANGS ?? 'en,fa').split(',');
const account = { login: 'bench', password: 'a long enough one', name: 'Bench' };
const only = process.env.PAGES?.split(',');
const rounds = 5;
const steps = 't0,t1,t2,t3,t5';

/* Each page, and what somebody does there again and again: an own address for each round, as the controls of the page write it. */
const pages = {
  flow: { at: '/flow', turn: (i) => ({ activities: String(0.9 - 0.1 * i) }) },
  'flow-scope': { at: '/flow', turn: (i) => ({ filter: `channel!:c${i}` }) },
  ways: { at: '/ways', turn: (i) => ({ top: String([25, 50, 100, 10, 25][i]) }) },
  funnel: { at: `/funnel?steps=${steps}`, turn: (i) => ({ window: `${7 + i}d` }) },
  retention: { at: '/retention?period=week', turn: (i) => ({ start: `t${i}` }) },
  'touchpoints-scope': { at: '/touchpoints', turn: (i) => ({ filter: `channel!:c${i}` }) },
  touchpoints: { at: '/touchpoints', turn: (i) => ({ by: i % 2 ? 'source' : 'channel' }) },
  compare: { at: '/compare?against=before&from=2025-02-01&to=2025-03-01', turn: (i) => ({ to: `2025-03-0${2 + i}` }) },
  moments: { at: '/drivers?outcome=t33', turn: (i) => ({ outcome: `t${30 + i}` }) },
  lift: { at: '/drivers?view=lift&outcome=t33', turn: (i) => ({ outcome: `t${30 + i}` }) },
  handovers: { at: '/process', turn: (i) => ({ filter: `channel:c${i}` }) },
  rework: { at: '/process?view=rework', turn: (i) => ({ filter: `channel:c${i}` }) },
  bottlenecks: { at: '/process?view=bottlenecks', turn: (i) => ({ filter: `channel:c${i}` }) },
  waits: { at: '/process?view=waits', turn: (i) => ({ filter: `channel:c${i}` }) },
  units: { at: '/units', turn: (i) => ({ filter: `channel:c${i}` }) },
  segments: { at: '/segments', turn: null },
};

async function start() {
  const child = spawn(binary, ['serve', '--data', data, '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  for (const s of [child.stdout, child.stderr]) s.on('data', (chunk) => { out += chunk; });
  const ended = new Promise((r) => child.on('exit', r));
  for (let i = 0; i < 3000 && !/ready/.test(out); i++) {
    if (child.exitCode !== null) throw new Error(`safar serve ended:\n${out}`);
    await new Promise((r) => setTimeout(r, 100));
  }
  return { url: /Safar is at (http:\S+)/.exec(out)[1], setup: /(http:\S+\/setup#\S+)/.exec(out)?.[1], async stop() { child.kill('SIGTERM'); await ended; } };
}

async function signIn(p, server) {
  await p.goto(server.setup ?? server.url);
  if (server.setup) await p.getByLabel('Your name').fill(account.name);
  await p.getByLabel('Login').fill(account.login);
  await p.getByLabel(/^Password/).fill(account.password);
  await p.getByRole('button', { name: server.setup ? 'Make the account' : 'Sign in' }).click();
  await p.waitForURL((u) => !/setup|sign/.test(u.pathname));
}

/* Counts requests under way, so that "answered" can be told without guessing. */
const watch = () => {
  const plain = globalThis.fetch;
  globalThis.underWay = 0;
  globalThis.asked = 0;
  globalThis.fetch = async (...a) => {
    globalThis.underWay++;
    globalThis.asked++;
    try { const r = await plain(...a); const bytes = await r.clone().arrayBuffer(); void bytes; return r; } finally { globalThis.underWay--; }
  };
};

/* Goes to an address inside the page, as its controls do, and says how many ms it took to be answered and drawn, and until all of the page was. */
const turn = (to) => new Promise((done, fail) => {
  const began = performance.now(), asked = globalThis.asked;
  let answered = 0;
  history.pushState(null, '', to);
  dispatchEvent(new PopStateEvent('popstate'));
  const look = () => {
    const ms = performance.now() - began;
    if (ms > 30_000) return fail(new Error(`not answered: ${to}`));
    if (globalThis.asked > asked && !answered && !document.querySelector('[data-answer][aria-busy="true"]')) { answered = 1; requestAnimationFrame(() => setTimeout(() => { answered = performance.now() - began; })); }
    if (answered > 1 && globalThis.underWay === 0 && !document.querySelector('[aria-busy="true"]')) return requestAnimationFrame(() => setTimeout(() => done({ answered, whole: performance.now() - began })));
    setTimeout(look, 2);
  };
  setTimeout(look, 2);
});
const median = (list) => [...list].sort((x, y) => x - y)[list.length >> 1];

const server = await start();
const b = await browser();
let slow = 0;
try {
  const context = await b.newContext({ viewport: { width: 1440, height: 900 } });
  const p = await context.newPage();
  await p.addInitScript(watch);
  await signIn(p, server);
  if (pictures) mkdirSync(pictures, { recursive: true });
  const csrf = async () => (await (await p.request.get(`${server.url}/api/session`)).json()).csrf;
  for (const lang of langs) {
    await p.request.patch(`${server.url}/api/me`, { data: { lang, digits: lang === 'fa' ? 'arabext' : 'latn', calendar: lang === 'fa' ? 'persian' : 'gregorian' }, headers: { 'X-Safar-Csrf': await csrf() } });
    for (const [name, page] of Object.entries(pages).filter(([x]) => !only || only.includes(x))) {
      await p.goto(server.url + page.at);
      await calm(p);
      if (pictures) await p.screenshot({ path: join(pictures, `${name}-${lang}.png`), fullPage: true });
      if (lang !== langs[0] || !page.turn) continue;
      const took = [];
      for (let i = 0; i < rounds; i++) {
        const u = new URL(page.at, server.url);
        for (const [k, v] of Object.entries(page.turn(i))) u.searchParams.set(k, v);
        took.push(await p.evaluate(turn, u.pathname + u.search));
        await p.waitForTimeout(100);
      }
      const answered = took.map((x) => x.answered), ms = median(answered);
      if (ms > 300) slow++;
      console.log(`${name.padEnd(17)} ${ms.toFixed(0).padStart(5)} ms (${Math.min(...answered).toFixed(0)} to ${Math.max(...answered).toFixed(0)}), the whole page ${median(took.map((x) => x.whole)).toFixed(0)} ms${ms > 300 ? '  above 300' : ''}`);
    }
  }
} finally { await b.close(); await server.stop(); }
process.exitCode = slow ? 1 : 0;
