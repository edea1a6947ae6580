/*
 * One thing that a page reads. Keeps the last value while a newer one is
 * read, drops answers that were overtaken, and calls itself slow only after
 * 300 ms: before that nothing moves on the page.
 */
export class Loaded<T> {
  value: T | undefined = $state.raw(undefined);
  failure = $state.raw<Error | null>(null);
  busy = $state(false);
  slow = $state(false);
  #turn = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #abort: AbortController | null = null;
  #last: ((signal: AbortSignal) => Promise<T>) | null = null;

  /** Nobody asks for it now. */
  unwanted = $state(false);
  /** Answered, refused or not wanted, and nothing newer is under way. */
  settled = $derived(!this.busy && (this.value !== undefined || this.failure !== null || this.unwanted));

  /** It will be read, but something else comes first: what there is, is old. */
  wait(): void {
    this.#turn++;
    this.#abort?.abort();
    this.busy = true;
  }
  /** The same once more, after a failure. */
  again(): void { if (this.#last) void this.read(this.#last); }

  async read(f: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    const turn = ++this.#turn;
    this.#last = f;
    this.#abort?.abort();
    const abort = (this.#abort = new AbortController());
    this.busy = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => { if (turn === this.#turn && this.busy) this.slow = true; }, 300);
    try {
      const value = await f(abort.signal);
      if (turn !== this.#turn) return undefined;
      this.value = value;
      this.failure = null;
      return value;
    } catch (e) {
      if (turn === this.#turn && !(e instanceof DOMException && e.name === 'AbortError')) this.failure = e as Error;
      return undefined;
    } finally {
      if (turn === this.#turn) { this.busy = false; this.slow = false; clearTimeout(this.#timer); }
    }
  }
}
