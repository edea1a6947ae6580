/*
 * Who a list names: one a line, or a column of a CSV file. Pure. A file whose first line has a separator is a table; its column
 * is the first whose name we know, else the first one.
 */
const COLUMNS = ['customer', 'customer_id', 'customerid', 'user_id', 'userid', 'id', 'email', 'e-mail', 'mail', 'phone', 'mobile', 'العميل', 'معرّف العميل', 'البريد', 'البريد الإلكتروني', 'الهاتف', 'الجوال', 'مشتری', 'شناسه', 'ایمیل', 'تلفن', 'موبایل'];

export interface PeopleList { people: string[]; column: string }

/** The cells of a line; `"` holds separators and line ends, doubled it stands for itself. */
function cells(text: string, separator: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [], cell = '', inside = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (inside) {
      if (c !== '"') cell += c;
      else if (text[i + 1] === '"') { cell += '"'; i++; }
      else inside = false;
    } else if (c === '"' && cell === '') inside = true;
    else if (c === separator) { row.push(cell); cell = ''; }
    else if (c === '\n') { row.push(cell); rows.push(row); row = []; cell = ''; }
    else if (c !== '\r') cell += c;
  }
  row.push(cell);
  rows.push(row);
  return rows;
}

export function readPeople(text: string): PeopleList {
  const plain = text.replace(/^\ufeff/, '');
  const first = plain.split('\n', 1)[0] ?? '';
  const separator = [';', '\t', ','].find((s) => first.includes(s)) ?? ',';
  const rows = cells(plain, separator).map((r) => r.map((c) => c.trim()));
  const head = rows[0] ?? [];
  const at = head.findIndex((name) => COLUMNS.includes(name.toLowerCase()));
  const body = at < 0 ? rows : rows.slice(1);
  const people = [...new Set(body.map((r) => r[at < 0 ? 0 : at] ?? '').filter((p) => p !== ''))];
  return { people, column: at < 0 ? '' : head[at]! };
}
