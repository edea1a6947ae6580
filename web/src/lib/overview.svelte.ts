import { maps, type MapListed, type Measured } from '../api/index.ts';
import { shared, type SharedPain } from './findings.ts';
import { Loaded } from './load.svelte.ts';

/** All maps with their measures, read one after the other so that the first is on the screen soon. */
export class Overview {
  list = new Loaded<MapListed[]>();
  measured: Record<string, Loaded<Measured>> = $state({});
  async read(): Promise<void> {
    const all = await this.list.read(() => maps.list());
    if (!all) return;
    this.measured = Object.fromEntries(all.map((m) => [m.key, this.measured[m.key] ?? new Loaded<Measured>()]));
    for (const m of all) await this.measured[m.key]!.read((signal) => maps.measured(m.key, {}, signal));
  }
  /** The pains of all maps together, largest first; what two maps say alike is one. */
  pains: SharedPain[] = $derived(
    shared((this.list.value ?? []).flatMap((map) => {
      const m = this.measured[map.key]?.value;
      return (m?.findings ?? []).filter((f) => f.kind === 'pain').flatMap((finding) => {
        const touchpoint = m?.touchpoints.find((x) => x.key === finding.touchpoint);
        return touchpoint ? [{ map, finding, touchpoint }] : [];
      });
    }).sort((a, b) => b.finding.size - a.finding.size)),
  );
  done = $derived((this.list.value ?? []).every((m) => this.measured[m.key]?.value || this.measured[m.key]?.failure));
}
