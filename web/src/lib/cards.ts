/**
 * On a phone the rows of this table are cards: nothing scrolls sideways, and each cell says the name of its column
 * (app.css, `.as-cards`). Names are those of the table's head, in the reader's language, also when rows come later.
 */
export function cards(box: HTMLElement): { destroy: () => void } {
  const name = (): void => {
    for (const table of box.querySelectorAll('table')) {
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
