import { match, withQuery, type Route } from './router.ts';

class Here {
  href = $state(location.pathname + location.search + location.hash);
  route: Route = $derived(match(this.href));
}
export const here = new Here();

let unsaved: { dirty: () => boolean; question: () => string } | null = null;
/** A page with unsaved work has the reader asked before it is left; returns the release. */
export function guard(dirty: () => boolean, question: () => string): () => void {
  const mine = { dirty, question };
  unsaved = mine;
  return () => { if (unsaved === mine) unsaved = null; };
}

/** A changed page scrolls to the top and takes focus to its content; a changed query leaves both alone. */
export function go(href: string, how: { replace?: boolean } = {}): void {
  const before = here.href.split(/[?#]/)[0], after = href.split(/[?#]/)[0];
  if (before !== after && unsaved?.dirty() && !confirm(unsaved.question())) return;
  history[how.replace ? 'replaceState' : 'pushState'](null, '', href);
  here.href = href;
  if (before !== after) {
    unsaved = null;
    scrollTo(0, 0);
    requestAnimationFrame(() => document.querySelector<HTMLElement>('main')?.focus({ preventScroll: true }));
  }
}
export function setQuery(change: Parameters<typeof withQuery>[1], how: { replace?: boolean } = { replace: true }): void {
  go(withQuery(here.href, change), how);
}

addEventListener('popstate', () => { here.href = location.pathname + location.search + location.hash; });
addEventListener('hashchange', () => { here.href = location.pathname + location.search + location.hash; });
addEventListener('beforeunload', (e) => { if (unsaved?.dirty()) e.preventDefault(); });
addEventListener('click', (e) => {
  if (e.defaultPrevented || e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
  const a = (e.composedPath()[0] as Element | undefined)?.closest?.('a');
  if (!(a instanceof HTMLAnchorElement) || a.target || a.hasAttribute('download') || a.origin !== location.origin || a.pathname.startsWith('/api/')) return;
  if (a.getAttribute('href')?.startsWith('#')) return;
  e.preventDefault();
  go(a.pathname + a.search + a.hash);
});
