/**
 * On a phone the rows of this table are cards: nothing scrolls sideways, and each cell says the name of its column
 * (app.css, `.as-cards`). Names are those of the table's head, in the reader's language, also when rows come later.
 * What is no table any more to the browser, because of how it is laid out, stays one to those who listen: by roles.
 */
const ROLES = { table: 'table', thead: 'rowgroup', tbody: 'rowgroup', tfoot: 'rowgroup', tr: 'row', 'thead th': 'columnheader', 'tbody th': 'rowheader', td: 'cell' };

export function cards(box: HTMLElement): { destroy: () => void } {
  const name = (): void => {
    for (const table of box.querySelectorAll('table')) {
      for (const part of [table, ...table.querySelectorAll('thead, tbody, tfoot, tr, th, td')])
        for (const [what, role] of Object.entries(ROLES)) if (part.matches(what) && !part.hasAttribute('role')) part.setAttribute('role', role);
      const heads = table.tHead?.rows[0]?.cells;
      for (const row of heads ? [...table.tBodies].flatMap((b) => [...b.rows]) : []) {
        let at = 0;
        for (const cell of row.cells) {
          const text = cell.colSpan === 1 ? heads?.[at]?.textContent?.trim() ?? '' : '';
          if ((cell.dataset.label ?? '') !== text) cell.dataset.label = text;
          at += cell.colSpan;
        }
      }
    }
  };
  box.classList.add('as-cards');
  name();
  const changes = new MutationObserver(name);
  changes.observe(box, { childList: true, subtree: true, characterData: true });
  return { destroy: () => changes.disconnect() };
}
