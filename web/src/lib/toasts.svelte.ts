import { explain } from './i18n.svelte.ts';

export interface Toast { id: number; text: string; bad: boolean; action?: { label: string; run: () => void | Promise<void> } | undefined }
class Toasts {
  list: Toast[] = $state([]);
  #next = 1;
  add(text: string, action?: Toast['action'], bad = false): void {
    const id = this.#next++;
    this.list = [...this.list.slice(-2), { id, text, bad, action }];
    // What can be undone stays long enough to be read and reached by keyboard.
    setTimeout(() => this.close(id), action ? 15_000 : bad ? 10_000 : 5_000);
  }
  fail(e: unknown): void {
    const x = explain(e as Error);
    this.add(x.hint ? `${x.text} ${x.hint}` : x.text, undefined, true);
  }
  close(id: number): void { this.list = this.list.filter((t) => t.id !== id); }
}
export const toasts = new Toasts();
