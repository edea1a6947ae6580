/*
 * A drawing of the server, made ready for the page. It lives in a shadow
 * root, so that its classes and ours never meet. Its rules are taken out
 * before parsing and adopted: an inline style sheet is against the page's
 * policy even when it is never used.
 */
export function parseDrawing(svg: string): { root: SVGSVGElement; sheet: CSSStyleSheet; box: { w: number; h: number } } | null {
  const css: string[] = [];
  const doc = new DOMParser().parseFromString(svg.replace(/<style[^>]*>([\s\S]*?)<\/style>/g, (_, rules: string) => { css.push(rules.replace(/<!\[CDATA\[|\]\]>/g, '')); return ''; }), 'image/svg+xml');
  const root = doc.documentElement as unknown as SVGSVGElement;
  if (root.localName !== 'svg') return null;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css.join('\n').replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&'));
  const box = (root.getAttribute('viewBox') ?? '0 0 1600 1200').split(/[\s,]+/).map(Number);
  root.removeAttribute('width');
  root.removeAttribute('height');
  return { root, sheet, box: { w: box[2] ?? 1600, h: box[3] ?? 1200 } };
}
export function showDrawing(host: HTMLElement, root: SVGSVGElement, sheets: CSSStyleSheet[]): ShadowRoot {
  const shadow = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
  shadow.adoptedStyleSheets = sheets;
  shadow.replaceChildren(document.adoptNode(root));
  return shadow;
}
