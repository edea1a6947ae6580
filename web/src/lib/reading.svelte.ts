/* Whether anything on the page waits for the server to read its events, and what is said meanwhile. */
import { onReading } from '../api/http.ts';
import { int, t } from './i18n.svelte.ts';
import { session } from './session.svelte.ts';

class Reading {
  waiting = $state(false);
  /** How many events are read is known only from a status taken while none of them was. */
  text = $derived.by(() => {
    const s = session.status;
    return s && s.arrival_end === 0 && s.lag_events > 0 ? t('loading.eventsOf', { all: int(s.lag_events) }) : t('loading.events');
  });
}
export const reading = new Reading();
onReading((waiting) => { reading.waiting = waiting; if (waiting) void session.readStatus(); });
