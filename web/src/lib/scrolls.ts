/*
 * Tables wider than the window scroll inside their frame. While one does and
 * holds nothing that takes focus, the frame takes it, so that arrow keys
 * reach what is hidden.
 */
export function watchScrollers(): void {
  const look = (): void => {
    for (const el of document.querySelectorAll<HTMLElement>('.scroll-x')) {
      if (el.scrollWidth > el.clientWidth && !el.querySelector('a, button, input, select, textarea, summary')) el.tabIndex = 0;
      else el.removeAttribute('tabindex');
    }
  };
  let waiting = false;
  const soon = (): void => { if (!waiting) { waiting = true; requestAnimationFrame(() => { waiting = false; look(); }); } };
  new MutationObserver(soon).observe(document.body, { childList: true, subtree: true });
  addEventListener('resize', soon);
}
