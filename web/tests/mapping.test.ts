import { expect, test } from 'vitest';
import type { GuessColumn } from '../src/api/types.ts';
import { applyAbsent, applyRoles, fromRoles, missingRoles, nameOfRows, sameRoles } from '../src/lib/mapping.ts';

const column = (name: string, role: string): GuessColumn => ({ name, role, type: 'text', reason: '', distinct: 1, empty: 0, samples: [], why: { id: '', word: '', low: 0, high: 0, from: 0, to: 0, n: 0 } });
const columns = [column('order', 'key'), column('client', 'customer'), column('ordered_at', 'time'), column('delivered_at', 'time'), column('due', 'expected_at'), column('stars', 'score'), column('carrier', 'dimension'), column('zip', '')];
// As the server guesses it, see the tests of wire_guess_table.
const toml = `# A first mapping, guessed from the header and 3 rows. Correct what is wrong; docs/mapping.md has all keys.

customer = "client"   # the name says so
journey = "order"   # the name says so
# zone = "Asia/Tehran"   # of times that say no offset; UTC without it
dimensions = ["carrier"]
properties = ["carrier"]

[[event]]
name = "Ordered"
time = "ordered_at"

[[event]]
name = "Delivered"
time = "delivered_at"
expected_at = "due"
score = "stars"
score_min = 1
score_max = 5
`;

test('nothing chosen changes nothing', () => {
  expect(sameRoles(columns, {})).toBe(true);
  expect(sameRoles(columns, { zip: '' })).toBe(true);
  expect(applyRoles(toml, columns, {}).trim()).toBe(toml.trim());
});
test('a dimension comes and goes in both lists', () => {
  expect(applyRoles(toml, columns, { zip: 'dimension' })).toContain('dimensions = ["carrier", "zip"]\nproperties = ["carrier", "zip"]');
  expect(applyRoles(toml, columns, { carrier: '' })).not.toContain('carrier');
});
test('another customer replaces the line and keeps the rest', () => {
  const out = applyRoles(toml, columns, { client: '', zip: 'customer' });
  expect(out).toContain('customer = "zip"');
  expect(out).not.toContain('"client"');
  expect(out).toContain('journey = "order"');
});
test('a score that is none takes its scale along', () => {
  const out = applyRoles(toml, columns, { stars: '' });
  expect(out).not.toMatch(/score/);
});
test('a time that is none ends its event; what stood with it goes to the one before', () => {
  const out = applyRoles(toml, columns, { delivered_at: '' });
  expect(out.match(/\[\[event\]\]/g)).toHaveLength(1);
  expect(out).toContain('name = "Ordered"\ntime = "ordered_at"\nexpected_at = "due"\nscore = "stars"');
});
test('a new time is a new event', () => {
  expect(applyRoles(toml, columns, { zip: 'time' })).toContain('[[event]]\nname = "Zip"\ntime = "zip"');
});
test('a column of event names takes the place of the fixed name', () => {
  const out = applyRoles(toml, columns, { zip: 'event' });
  expect(out).toContain('time = "delivered_at"');
  expect(out).toContain('name_column = "zip"');
  expect(out).not.toContain('name = "Delivered"');
});
test('without a guess the chosen columns make a whole mapping', () => {
  const blank = [column('who', ''), column('when', ''), column('note "x"', '')];
  expect(applyRoles('', blank, { who: 'customer', when: 'time', 'note "x"': 'comment' })).toBe('customer = "who"\n\n[[event]]\nname = "When"\ntime = "when"\ncomment = "note \\"x\\""\n');
});
test('without a customer the number of the order stands for one', () => {
  expect(applyRoles(toml, columns, { client: '' })).toContain('customer = "order"');
  expect(missingRoles(columns, { client: '' })).toEqual([]);
  expect(missingRoles(columns, { client: '', order: '' })).toEqual(['customer']);
  expect(missingRoles([column('x', '')], {})).toEqual(['customer', 'time']);
});

test('a table without customers and times is read by what the reader says', () => {
  const bank = [column('contact', 'channel'), column('poutcome', 'event'), column('age', '')];
  expect(missingRoles(bank, {})).toEqual(['customer', 'time']);
  const absent = { row: true, day: '2026-01-31', name: '' };
  expect(missingRoles(bank, {}, absent)).toEqual([]);
  expect(applyAbsent(fromRoles(bank, {}), absent).replace(/\n+/g, '\n')).toBe('customer = { template = "row {#}" }\nchannel = "contact"\n[[event]]\nname_column = "poutcome"\ntime = { value = "2026-01-31" }\n');
  const called = applyAbsent(fromRoles(bank, { poutcome: 'dimension' }), { ...absent, name: 'Called "us"' });
  expect(called).toContain('name = "Called \\"us\\""');
  expect(nameOfRows(called)).toBe('Called "us"');
});
test('what a column says is not said again', () => {
  expect(applyAbsent(toml, { row: true, day: '2026-01-31', name: 'Row' }).trim()).toBe(toml.trim());
});
test('a score that is chosen has the scale of its values', () => {
  const stars = { ...column('stars', ''), why: { id: 'score', word: '', low: 1, high: 7, from: 1, to: 7, n: 7 } };
  expect(fromRoles([stars, column('at', 'time')], { stars: 'score' })).toContain('score = "stars"\nscore_min = 1\nscore_max = 7');
});

test('addresses are said by an event of their own, with the time of the first', () => {
  const out = applyRoles(toml, columns, { zip: 'email', carrier: 'phone' });
  expect(out).toContain('\n[[event]]\ntype = "identify"\ntime = "ordered_at"\ntraits = { email = "zip", phone = "carrier" }\n');
  const guessed = columns.map((c) => (c.name === 'zip' ? { ...c, role: 'email' } : c.name === 'carrier' ? { ...c, role: 'phone' } : c));
  expect(applyRoles(out, guessed, {})).toBe(out);
  const less = applyRoles(out, guessed, { zip: 'comment' });
  expect(less).toContain('traits = { phone = "carrier" }');
  expect(less).toMatch(/score_max = 5\ncomment = "zip"/);
  expect(applyRoles(out, guessed, { zip: '', carrier: '' })).not.toContain('identify');
});
test('a name for the rows stays possible beside addresses', () => {
  const one = 'customer = "client"\n\n[[event]]\nname = "Visit"\ntime = "ordered_at"\n\n[[event]]\ntype = "identify"\ntime = "ordered_at"\ntraits = { email = "zip" }\n';
  expect(nameOfRows(one)).toBe('Visit');
  expect(applyAbsent(one, { row: false, day: '', name: 'Call' })).toContain('name = "Call"\ntime = "ordered_at"\n\n[[event]]\ntype = "identify"');
});
test('what is chosen stands with the event, not in the names below it', () => {
  const named = toml + '\n[names."Delivered"]\nen = "Delivery"\nfa = "تحویل"\n';
  expect(applyRoles(named, columns, { zip: 'comment' })).toMatch(/comment = "zip"\n\n\[names\."Delivered"\]/);
});
