// The Explore pages: what they say equals what the API says, by mouse and by keyboard. run.mjs gives the page, signed in, and the map.
import { calm, holds, same, test } from './lib.mjs';

const digits = (text) => Number(text.replace(/[^\d]/g, ''));

/** Name and address of every Explore page, for the tour in three languages. */
export const explorePages = (map) => ({
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
}
