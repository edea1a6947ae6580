import { describe, expect, it } from 'vitest';
import { hookMapping } from '../src/lib/hook.ts';

const paths = [
  { path: 'type', kind: 'text', value: 'paid', role: 'name_column' }, { path: 'at', kind: 'number', value: '1772359200', role: 'time' },
  { path: 'user.id', kind: 'number', value: '7', role: 'customer' }, { path: 'user["e.mail"]', kind: 'text', value: 'a@b.c', role: '' },
];

describe('the mapping of a webhook', () => {
  it('says what the members mean, and how a number is a time', () => {
    expect(hookMapping(paths, {}, '')).toBe('customer = "user.id"\nname_column = "type"\ntime = "at"\ntime_format = "epoch_s"\nkeep = "."\n');
  });
  it('lets a reader give one meaning to two members, and take one away', () => {
    expect(hookMapping(paths, { 'user["e.mail"]': 'customer', type: '', at: '' }, 'rows')).toBe('each = "rows"\ncustomer = ["user.id", "user[\\"e.mail\\"]"]\nname = "Webhook"\nkeep = "."\n');
  });
});
