/*
 * What all Explore pages share: the scope in the address, the map whose names
 * they speak, and asking. Without a map in the address the first one is taken;
 * "names=events" asks for event names as they came.
 */
import { untrack } from 'svelte';
import { maps, questions, type Dfg, type MapDocument, type MapListed, type Query } from '../api/index.ts';
import { say, t } from './i18n.svelte.ts';
import { Loaded } from './load.svelte.ts';
import { here, setQuery } from './router.svelte.ts';
import { readFigure, readScope, writeFigure, type Figure } from './scope.ts';

class Explore {
  list = new Loaded<MapListed[]>();
  #doc = new Loaded<{ key: string; version: number; newest: number; document: MapDocument }>();
  scope = $derived(readScope(here.route.query));
  map = $derived(here.route.query.get('map'));
  /** Whether it is settled which names are meant; nothing is asked before. */
  ready = $derived(this.map !== null || here.route.query.get('names') === 'events' || this.list.value?.length === 0);
  params = $derived(questions.params(this.map, this.scope));
  doc = $derived(this.#doc.value?.key === this.map ? this.#doc.value : undefined);
  /** A customer may have several journeys: then they are not independent of each other. */
  manyCases = $derived(this.scope.case ? this.scope.case !== 'customer' : this.map !== null);
  failure = $derived(this.list.failure ?? this.#doc.failure);
  #at = $derived(here.route.query.get('at'));
  picked = $derived(readFigure(this.#at));
  #picked = $derived(this.picked && writeFigure(this.picked));

  /** Called once by the frame of every page. */
  begin(): void {
    $effect(() => {
      if (this.ready) return;
      void untrack(() => this.list.read(() => maps.list())).then((all) => { if (all?.[0] && !this.ready) setQuery({ map: all[0].key }); });
    });
    const wanted = $derived(JSON.stringify([this.map, this.scope.version ?? null]));
    $effect(() => {
      const [map, version] = JSON.parse(wanted) as [string | null, number | null];
      if (map) void untrack(() => this.#doc.read(() => maps.get(map, version ?? undefined)));
    });
  }
  /** What people call an activity: the touchpoint's name on the map, else the event's own. */
  name(activity: string): string {
    if (activity === '(other)') return t('explore.other');
    if (activity === '(unknown)') return t('explore.unknown');
    return say(this.doc?.document.touchpoints.find((x) => x.key === activity)?.name) || activity;
  }
  pick(figure: Figure | null): void { setQuery({ at: figure && writeFigure(figure), who: null }); }
  isPicked(figure: Figure): boolean { return this.#picked !== null && this.#picked === writeFigure(figure); }
}
export const explore = new Explore();

/**
 * One question asked again whenever the scope or its own parameters change;
 * null asks nothing. Called while a component is made. "after" names what the
 * reader waits for: this is asked when those have been answered, so that it
 * does not take the machine from them.
 */
export function asking<A>(question: () => string | null, own: () => Query = () => ({}), after: Loaded<unknown>[] = []): Loaded<A> {
  return reading((name, params, signal) => questions.ask<A>(name, params, signal), question, own, after);
}
export function reading<A>(read: (name: string, params: Query, signal: AbortSignal) => Promise<A>, question: () => string | null, own: () => Query, after: Loaded<unknown>[] = []): Loaded<A> {
  const out = new Loaded<A>();
  const wanted = $derived.by(() => { const name = question(); return explore.ready && name !== null ? JSON.stringify([name, { ...explore.params, ...own() }]) : ''; });
  const due = $derived(after.every((x) => x.settled));
  let asked = '';
  $effect(() => {
    if (wanted === asked) { if (!wanted) out.unwanted = true; return; }
    if (wanted && !due) { untrack(() => out.wait()); return; }
    asked = wanted;
    out.unwanted = !wanted;
    if (!wanted) return;
    const [name, params] = JSON.parse(wanted) as [string, Query];
    untrack(() => void out.read((signal) => read(name, params, signal)));
  });
  return out;
}
/** The activities and how many people, cases and events there are: a graph without its edges. */
export const totals = (question: () => boolean = () => true, own: () => Query = () => ({}), after: Loaded<unknown>[] = []): Loaded<Dfg> => asking<Dfg>(() => (question() ? 'dfg' : null), () => ({ times: 'none', edges: 0, variants: 0, ...own() }), after);

/** What the panel says about a figure. "people" is its number of customers where the answer has it; the list must agree. */
export interface Detail {
  kind: string; title: string; n: number | null; unit: string;
  rows: { name: string; value: string; note?: string | undefined }[];
  note?: string | undefined; people?: number | undefined;
  /** Where the people come from, when the question of the page is not the one that tells. */
  ask?: { question: string; params: Query } | undefined;
}
