/* A drawing of the page as a file of its own: its styles written into it, then as SVG or painted as PNG. */
const kept = ['fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-dasharray', 'font-family', 'font-size', 'font-weight', 'text-anchor', 'opacity', 'direction'];

function copyOf(svg: SVGSVGElement): { text: string; width: number; height: number } {
  const box = svg.getBoundingClientRect(), copy = svg.cloneNode(true) as SVGSVGElement;
  const from = [svg, ...svg.querySelectorAll<SVGElement>('*')], to = [copy, ...copy.querySelectorAll<SVGElement>('*')];
  from.forEach((e, i) => { const s = getComputedStyle(e); to[i]!.setAttribute('style', kept.map((k) => `${k}:${s.getPropertyValue(k)}`).join(';')); });
  const [, , w, h] = (svg.getAttribute('viewBox') ?? `0 0 ${box.width} ${box.height}`).split(/\s+/).map(Number) as [number, number, number, number];
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', String(w));
  copy.setAttribute('height', String(h));
  const paper = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  paper.setAttribute('width', '100%');
  paper.setAttribute('height', '100%');
  paper.setAttribute('fill', getComputedStyle(document.body).backgroundColor);
  copy.prepend(paper);
  return { text: new XMLSerializer().serializeToString(copy), width: w, height: h };
}

function save(url: string, name: string): void {
  const a = document.createElement('a');
  a.href = url;
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export async function savePicture(svg: SVGSVGElement, name: string, kind: 'svg' | 'png'): Promise<void> {
  const { text, width, height } = copyOf(svg), url = URL.createObjectURL(new Blob([text], { type: 'image/svg+xml' }));
  if (kind === 'svg') { save(url, `${name}.svg`); return; }
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = 2 * width;
  canvas.height = 2 * height;
  canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(url);
  const blob = await new Promise<Blob | null>((done) => { canvas.toBlob(done, 'image/png'); });
  if (blob) save(URL.createObjectURL(blob), `${name}.png`);
}
