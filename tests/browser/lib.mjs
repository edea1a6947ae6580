// What all browser tests share: the real program on an own data directory, one Chromium, axe, and orders from a seed.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(join(here, '../../web/package.json'));
const { chromium } = require('playwright-core');
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

export const binary = resolve(process.env.SAFAR ?? join(here, '../../build/safar'));
const shots = process.env.SAFAR_SHOTS ? resolve(process.env.SAFAR_SHOTS) : null;
if (shots) mkdirSync(shots, { recursive: true });

/** Starts `safar serve` on a free port of the loopback and waits until it is ready. */
export async function serve(args = []) {
  const dir = mkdtempSync(join(tmpdir(), 'safar-browser-'));
  const child = spawn(binary, ['serve', '--data', dir, '--listen', '127.0.0.1:0', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  const heard = (chunk) => { out += chunk; };
  child.stdout.on('data', heard);
  child.stderr.on('data', heard);
  const ended = new Promise((r) => child.on('exit', r));
  for (let i = 0; i < 600 && !/ready/.test(out); i++) {
    if (child.exitCode !== null) throw new Error(`safar serve ended:\n${out}`);
    await new Promise((r) => setTimeout(r, 100));
  }
  const url = /Safar is at (http:\S+)/.exec(out)?.[1];
  const setup = /(http:\S+\/setup#\S+)/.exec(out)?.[1];
  if (!url) throw new Error(`safar serve said no address:\n${out}`);
  return { url, setup, out: () => out, async stop() { child.kill('SIGTERM'); await ended; rmSync(dir, { recursive: true, force: true }); } };
}

export async function browser() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
}

/** A page that remembers what it complained about; requests to anywhere else are complaints too. */
export async function page(b, server, options = {}) {
  const context = await b.newContext({ viewport: { width: 1440, height: 900 }, acceptDownloads: true, ...options });
  const p = await context.newPage();
  p.complaints = [];
  p.on('console', (m) => {
    // A refused request is what some tests ask for; the page's own words on it are checked instead.
    if (['error', 'warning'].includes(m.type()) && !/Failed to load resource/.test(m.text())) p.complaints.push(m.text());
  });
  p.on('pageerror', (e) => p.complaints.push(e.message));
  p.on('request', (r) => { if (!r.url().startsWith(server.url) && !r.url().startsWith('data:') && !r.url().startsWith('blob:')) p.complaints.push(`a request to ${r.url()}`); });
  return p;
}

export async function axe(p) {
  await p.evaluate(axeSource);
  const { violations } = await p.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  return violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.target.flat().join(' ')} (${(n.any[0] ?? n.all[0] ?? n.none[0])?.message ?? v.help})`).join('; ')}`);
}

export async function shot(p, name) { if (shots) await p.screenshot({ path: join(shots, `${name}.png`), fullPage: false }); }

/** Waits until nothing is being read and the fonts are there. */
export async function calm(p) {
  await p.waitForLoadState('networkidle');
  await p.waitForFunction(() => !document.querySelector('[aria-busy="true"]') && document.querySelector('main')?.textContent?.trim() && document.fonts.status === 'loaded', undefined, { timeout: 20_000 });
}

// --- tests ---------------------------------------------------------------------------------

let passed = 0;
const failures = [];
export async function test(name, f) {
  try { await f(); passed++; console.log(`ok   ${name}`); } catch (e) { failures.push(name); console.log(`FAIL ${name}\n     ${String(e?.stack ?? e).split('\n').slice(0, 8).join('\n     ')}`); }
}
export function same(got, want, what = '') { if (JSON.stringify(got) !== JSON.stringify(want)) throw new Error(`${what}\n  got  ${JSON.stringify(got)}\n  want ${JSON.stringify(want)}`); }
export function holds(ok, what) { if (!ok) throw new Error(what); }
export function finish() { console.log(`${passed} passed, ${failures.length} failed, 0 skipped`); process.exitCode = failures.length ? 1 : 0; }

// --- orders --------------------------------------------------------------------------------

/** A table of orders as a shop exports it: some late, the late ones rated low, some never delivered. The same bytes each time. */
export function orders(n) {
  let seed = 42;
  const rnd = () => { seed = (seed * 1103515245 + 12345) % 2147483648; return seed / 2147483648; };
  const iso = (ms) => new Date(ms).toISOString();
  const day = 86_400_000;
  const rows = ['order_id,customer_id,ordered_at,shipped_at,delivered_at,estimated_delivery,review_score,review_comment,carrier,channel'];
  for (let i = 0; i < n; i++) {
    const at = Date.UTC(2026, 2, 1) + Math.floor(rnd() * 120) * day + Math.floor(rnd() * day);
    const shipped = at + (0.5 + rnd() * 2) * day, late = rnd() < 0.3, lost = rnd() < 0.06;
    const due = at + 6 * day, delivered = late ? due + (0.5 + rnd() * 4) * day : due - (0.5 + rnd() * 3) * day;
    const score = lost ? '' : late ? 1 + Math.floor(rnd() * 2.4) : 3 + Math.floor(rnd() * 2.99);
    const comment = lost || rnd() > 0.2 ? '' : late ? (rnd() < 0.5 ? 'Too late again' : 'سه روز پیگیر بودم و هیچ‌کس نمی‌دانست بسته‌ام کجاست') : rnd() < 0.5 ? 'So well packed' : 'وصلت سليمة وبدري كمان';
    rows.push([`o-${1000 + i}`, `u-${100 + Math.floor(i * 0.8)}`, iso(at), iso(shipped), lost ? '' : iso(delivered), iso(due), score, comment, ['Rahwan', 'Barq', 'own vans'][Math.floor(rnd() * 3)], rnd() < 0.6 ? 'web' : 'app'].join(','));
  }
  return rows.join('\n') + '\n';
}
