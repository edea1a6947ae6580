import { describe, expect, it } from 'vitest';
import { readPeople } from '../src/lib/people_list.ts';

describe('whom a list names', () => {
  it('takes one a line, each once', () => expect(readPeople('u1\r\nu2\n\n u1 \n')).toEqual({ people: ['u1', 'u2'], column: '' }));
  it('takes the column that it knows', () => expect(readPeople('\ufeffname,Email\n"Reem, A.",reem@example.com\nOmid,omid@example.com')).toEqual({ people: ['reem@example.com', 'omid@example.com'], column: 'Email' }));
  it('takes the first column of a table without a name it knows', () => expect(readPeople('u1;x\nu2;y')).toEqual({ people: ['u1', 'u2'], column: '' }));
  it('reads Persian names and marks in marks', () => expect(readPeople('نام\tایمیل\n"a ""b"""\to@example.com')).toEqual({ people: ['o@example.com'], column: 'ایمیل' }));
  it('has nobody in an empty text', () => expect(readPeople('').people).toEqual([]));
});
