// The Explore pages: what they say equals what the API says, by mouse and by keyboard. run.mjs gives the page, signed in, and the map.
import { calm, holds, same, test } from './lib.mjs';

const digits = (text) => Number(text.replace(/[^\d]/g, ''));

/** Name and address of every Explore page, for the tour in three languages. */
export const explorePages = (map, [first, second, ...more]) => ({
  flow: `/flow?map=${map}`, 'flow-panel': `/flow?map=${map}&at=${encodeURIComponent(`activity=${first}`)}&who=1`, 'flow-table': `/flow?map=${map}&view=table&edges=1`,
  funnel: `/funnel?map=${map}`, 'funnel-built': `/funnel?map=${map}&steps=${[first, second, more.at(-1)].join(',')}&by=channel&at=${encodeURIComponent('step=1')}`,
  handovers: `/process?map=${map}`, rework: `/process?map=${map}&view=rework`, bottlenecks: `/process?map=${map}&view=bottlenecks`,
  retention: `/retention?map=${map}`, 'retention-survival': `/retention?map=${map}&period=week&kind=survival&start=${first}&show=counts`,
  value: `/value?map=${map}`, 'value-cohorts': `/value?map=${map}&view=cohorts&show=sum`, 'value-staying': `/value?map=${map}&view=staying&by=channel&pause=30`, 'value-felt': `/value?map=${map}&view=felt`,
  beginnings: `/beginnings?map=${map}`, credit: `/beginnings?map=${map}&view=credit`, risk: `/risk?map=${map}&horizon=30`,
  'compare-rest': `/compare?map=${map}&segment=${encodeURIComponent('channel is "web"')}`, 'compare-before': `/compare?map=${map}&against=before`, units: `/units?map=${map}`,
  waits: `/process?map=${map}&view=waits`, conformance: `/process?map=${map}&view=conformance`, lift: `/drivers?map=${map}&view=lift&outcome=${more.at(-1)}`,
  segments: '/segments', 'segment-new': '/segments?edit=new',
  moments: `/drivers?map=${map}&outcome=${more.at(-1)}`,
  ways: `/ways?map=${map}`, 'ways-events': '/ways?names=events&top=25',
  touchpoints: `/touchpoints?map=${map}`, 'touchpoints-by': `/touchpoints?map=${map}&by=channel&sort=score`, 'touchpoints-inventory': `/touchpoints?map=${map}&view=inventory`,
});

export async function exploreTests(p, server, map, quiet) {
  const api = async (path) => { const r = await p.request.get(`${server.url}/api/${path}`); same(r.status(), 200, path); return r.json(); };
  const open = async (path) => { await p.goto(server.url + path); await calm(p); };

  await test('ways: listed + others = all, and the scope goes along to the next page', async () => {
    const want = await api(`query/variants?top=10&map=${map}`);
    await open('/ways');
    same(new URL(p.url()).searchParams.get('map'), map, 'the first map is taken and said in the address');
    const rows = (await p.locator('main tbody tr td:first-child').allTextContents()).map(digits);
    same(rows.at(-1), want.cases, 'all journeys');
    same(rows.slice(0, -1).reduce((a, b) => a + b, 0), want.cases, 'listed + others');
    await p.goto(`${server.url}/ways?map=${map}&filter=channel%3Aweb`);
    await calm(p);
    await p.getByRole('navigation').getByRole('link', { name: 'Touchpoints' }).click();
    await p.waitForURL(/touchpoints\?.*filter=channel/);
    quiet();
  });

  await test('touchpoints: a column sorts, a split adds up, the inventory is one button away', async () => {
    const whole = await api(`query/touchpoints?map=${map}`);
    await open(`/touchpoints?map=${map}`);
    await p.getByRole('button', { name: /^Experience/ }).click();
    await p.waitForURL(/sort=score/);
    const scores = (await p.locator('main tbody .score b').allTextContents()).map(digits);
    same(scores, [...scores].sort((a, b) => b - a), 'from the best to the worst');
    await p.getByLabel('Split by').selectOption('channel');
    await p.getByRole('columnheader', { name: 'channel' }).waitFor();
    await calm(p);
    const visits = (await p.locator('main tbody tr td:nth-child(4)').allTextContents()).map(digits).reduce((a, b) => a + b, 0);
    same(visits, whole.touchpoints.reduce((a, r) => a + r.n, 0), 'visits by channel');
    await p.getByRole('button', { name: 'Inventory' }).click();
    await p.getByRole('columnheader', { name: 'Status' }).waitFor();
    quiet();
  });

  await test('flow: sliders change the counts, the views agree with each other and with the API', async () => {
    const whole = await api(`query/flow?map=${map}&activities=1&edges=1`);
    await open(`/flow?map=${map}&edges=1`);
    const said = async () => (await p.locator('.slider').allTextContents()).join(' ');
    holds((await said()).includes(`${whole.kept.edges} of ${whole.kept.of_edges}`), 'the slider says what it keeps');
    same(whole.edges.reduce((a, e) => a + e.count, 0), whole.kept.of_events - whole.kept.of_cases, 'all moves = events − journeys');
    await p.getByText('All views agree.').waitFor();
    const box = (await p.locator('.same tbody td').allTextContents()).filter((x) => x.trim()).map(digits);
    same([...new Set(box)].sort(), [...new Set([whole.kept.of_cases, whole.kept.of_events, whole.customers])].sort(), 'the box has three numbers, each the same in all views');
    const before = await said();
    await p.getByRole('slider', { name: 'Steps' }).focus();
    for (let i = 0; i < 8; i++) await p.keyboard.press('PageDown');
    await p.waitForURL(/activities=0\.\d/);
    await calm(p);
    holds((await said()) !== before, 'fewer steps are said');
    const share = new URL(p.url()).searchParams.get('activities');
    const less = await api(`query/flow?map=${map}&activities=${share}&edges=1`);
    holds((await said()).includes(`${less.kept.activities} of ${less.kept.of_activities}`), 'as the API says');
    await p.getByText('All views agree.').waitFor();
    quiet();
  });

  await test('flow: arrows walk the drawing, Enter opens a figure, its people are as many as it says, Esc gives the focus back', async () => {
    await open(`/flow?map=${map}`);
    const focused = () => p.evaluate(() => { let a = document.activeElement; while (a?.shadowRoot?.activeElement) a = a.shadowRoot.activeElement; return a?.id ?? ''; });
    await p.locator('.frame .host a').first().focus();
    await p.keyboard.press('Home');
    same(await focused(), 'step-1', 'Home goes to the first step');
    await p.getByRole('tooltip').waitFor();
    await p.keyboard.press('ArrowRight');
    holds((await focused()) !== 'step-1', 'right goes on');
    await p.keyboard.press('Home');
    await p.keyboard.press('Enter');
    await p.getByRole('complementary', { name: 'About this figure' }).waitFor();
    same(await focused(), 'panel-title', 'focus is in the panel');
    const see = p.getByRole('button', { name: /^See the [\d,]+ (person|people)$/ });
    const people = digits(await see.textContent());
    await see.click();
    same(Number(await p.locator('[data-total]').getAttribute('data-total')), people, 'people');
    await p.keyboard.press('Escape');
    same(await focused(), 'step-1', 'Escape gives the focus back');
    same(new URL(p.url()).searchParams.get('at'), null, 'the address is as before');
    quiet();
  });

  await test('funnel: built by keyboard, kept in the address, equal to the API, its people are as many as it says', async () => {
    const names = (await api(`query/dfg?map=${map}`)).activities.map((a) => a.name).filter((n) => !n.startsWith('('));
    const doc = (await api(`maps/${map}`)).document;
    const say = (key) => doc.touchpoints.find((x) => x.key === key)?.name.en ?? key;
    await open(`/funnel?map=${map}`);
    const search = p.getByRole('searchbox', { name: /^Search the steps/ });
    for (const key of names.slice(0, 2)) {
      await search.focus();
      await p.keyboard.type(say(key));
      await p.keyboard.press('Enter');
      await p.waitForFunction((k) => new URL(location.href).searchParams.get('steps')?.split(',').includes(k), key);
    }
    await p.getByRole('button', { name: `Move ${say(names[1])} earlier` }).focus();
    await p.keyboard.press('Enter');
    await p.waitForFunction((k) => new URL(location.href).searchParams.get('steps') === k, [names[1], names[0]].join(','));
    await p.getByRole('button', { name: `Move ${say(names[1])} later` }).focus();
    await p.keyboard.press('Enter');
    await p.waitForFunction((k) => new URL(location.href).searchParams.get('steps') === k, [names[0], names[1]].join(','));
    await calm(p);
    const want = await api(`query/funnel?map=${map}&steps=${names[0]},${names[1]}`);
    const row = p.getByRole('row', { name: /^Journeys/ }).first();
    await p.waitForFunction((n) => document.querySelectorAll('.river .fig').length >= n, 3);
    same((await row.getByRole('button').allTextContents()).map(digits), want.steps.map((s) => s.cases), 'journeys of each step');
    await row.getByRole('button').nth(1).focus();
    await p.keyboard.press('Enter');
    const see = p.getByRole('button', { name: /^See the [\d,]+ (person|people)$/ });
    same(digits(await see.textContent()), want.steps[1].customers, 'people on the button');
    await see.click();
    same(Number(await p.locator('[data-total]').getAttribute('data-total')), want.steps[1].customers, 'people in the list');
    quiet();
  });

  await test('process: hand-overs equal the API and lead to their people', async () => {
    const want = (await api(`query/handovers?map=${map}`)).handovers;
    await open(`/process?map=${map}`);
    same((await p.locator('main tbody tr td:nth-child(3)').allTextContents()).map(digits), want.map((h) => h.count), 'counts');
    if (want.length) {
      await p.locator('main tbody .fig').first().click();
      const see = p.getByRole('button', { name: /^See the [\d,]+ (person|people)$/ });
      same(digits(await see.textContent()), want[0].customers, 'people on the button');
      await see.click();
      same(Number(await p.locator('[data-total]').getAttribute('data-total')), want[0].customers, 'people in the list');
    }
    await p.getByRole('button', { name: 'Bottlenecks' }).click();
    await p.getByRole('columnheader', { name: 'Time in all' }).waitFor();
    quiet();
  });

  await test('segments: a mistake is shown at its place, a rule is counted and saved, and narrows every view alike', async () => {
    await open('/segments?edit=new');
    await p.getByLabel('Name · English').fill('Buyers');
    const rule = p.getByRole('textbox', { name: 'Rule' });
    await rule.fill('did anything at leest 1 times');
    await p.locator('mark').waitFor();
    same(await p.locator('mark').textContent(), 'leest', 'the wrong word is marked');
    holds(await p.getByRole('button', { name: 'Save' }).isDisabled(), 'a wrong rule cannot be saved');
    await rule.fill('channel is "web"');
    const said = p.getByText(/^[\d,]+ of [\d,]+ customers?$/);
    await said.waitFor();
    const count = digits((await said.textContent()).split(' of ')[0]);
    await p.getByRole('button', { name: 'Save' }).click();
    const row = p.getByRole('row', { name: /^Buyers/ });
    await row.waitFor();
    same(digits(await row.locator('td').first().textContent()), count, 'the list has the count');
    const key = (await api('segments')).segments[0].key;
    await open(`/flow?map=${map}&segment=${key}`);
    await p.getByText('All views agree.').waitFor();
    same((await api(`query/dfg?map=${map}&segment=${key}`)).customers, digits(await p.locator('.same tbody td:nth-child(4)').first().textContent()), 'people of the flow');
    await p.getByRole('button', { name: /^Segment/ }).click();
    await p.getByRole('button', { name: 'all customers' }).click();
    await p.waitForFunction(() => !new URL(location.href).searchParams.has('segment'));
    quiet();
  });

  await test('retention: cells equal the API, an unfinished one is empty, the figure of a cell is its people', async () => {
    const want = await api(`query/retention?map=${map}&period=month&kind=classic`);
    await open(`/retention?map=${map}&show=counts`);
    const rows = p.locator('.tri tbody tr');
    same(await rows.count(), want.cohorts.length, 'cohorts');
    const longest = Math.max(...want.cohorts.map((c) => c.active.length));
    for (const i of [0, want.cohorts.length - 1]) {
      const cells = (await rows.nth(i).locator('td').allTextContents()).slice(1);
      same(cells.map((x) => (x.trim() ? digits(x) : null)), Array.from({ length: longest }, (_, k) => want.cohorts[i].active[k] ?? null), `cohort ${i}`);
    }
    const at = want.cohorts.findIndex((c) => c.active.length > 1 && c.active[1] > 0);
    await rows.nth(at).locator('.fig').nth(1).click();
    await p.getByRole('button', { name: /^See the [\d,]+ (person|people)$/ }).click();
    same(Number(await p.locator('[data-total]').getAttribute('data-total')), want.cohorts[at].active[1], 'people of the cell');
    quiet();
  });

  await test('value: the fifths add up to all buyers, and the figure of a cell is its people', async () => {
    const want = await api(`query/value?map=${map}`);
    await open(`/value?map=${map}`);
    if (!want.customers) { await p.getByText('No purchase with an amount yet').waitFor(); return; }
    const cells = await p.locator('.grid .fig').allTextContents();
    same(cells.map(digits).reduce((a, b) => a + b, 0), want.customers, 'all buyers');
    await p.locator('.grid .fig').first().click();
    await p.getByRole('button', { name: /^See the [\d,]+ (person|people)$/ }).click();
    same(Number(await p.locator('[data-total]').getAttribute('data-total')), digits(cells[0]), 'people of the cell');
    quiet();
  });

  await test('compare: a segment and the rest are all customers, and the sides are what the API says of each', async () => {
    const rule = 'channel is "web"';
    const here = await api(`query/dfg?map=${map}&segment=${encodeURIComponent(rule)}`), rest = await api(`query/dfg?map=${map}&segment=${encodeURIComponent(`not (${rule})`)}`), whole = await api(`query/dfg?map=${map}`);
    same(here.customers + rest.customers, whole.customers, 'the two sides are everybody');
    await open(`/compare?map=${map}&segment=${encodeURIComponent(rule)}`);
    await p.waitForFunction(() => document.querySelectorAll('tr.all .r.b').length === 2 && [...document.querySelectorAll('tr.all .r.b')].every((x) => x.textContent.trim()));
    same((await p.locator('tr.all .r.b').allTextContents()).map(digits), [here.customers, rest.customers], 'people of both sides');
    quiet();
  });

  await test('lift: with and without the touchpoint are all journeys', async () => {
    const outcome = (await api(`query/dfg?map=${map}`)).activities.filter((a) => !a.name.startsWith('(')).at(-1).name;
    const want = await api(`query/lift?map=${map}&outcome=${outcome}`);
    await open(`/drivers?map=${map}&view=lift&outcome=${outcome}`);
    for (const r of want.touchpoints) same(r.cases + r.without.cases, want.cases, r.name);
    same((await p.locator('main tbody tr td:nth-child(2)').allTextContents()).map(digits), want.touchpoints.map((r) => r.cases), 'journeys with each');
    quiet();
  });
}
