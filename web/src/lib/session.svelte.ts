import { onSignedOut, setCsrf } from '../api/http.ts';
import { organisation, session as api, status as readStatus, type Organisation, type Role, type SessionInfo, type Status } from '../api/index.ts';
import { i18n, remembered } from './i18n.svelte.ts';
import { go, here } from './router.svelte.ts';

const ranks: Role[] = ['viewer', 'agent', 'analyst', 'administrator'];

class Session {
  info = $state.raw<SessionInfo | null>(null);
  status = $state.raw<Status | null>(null);
  failure = $state.raw<Error | null>(null);
  role = $derived(this.info?.user?.role ?? null);
  organisation: Organisation | null = $derived(this.info?.organisation ?? null);
  /** The languages that names are kept in; the reader's own first. */
  languages = $derived.by(() => {
    const all = this.organisation?.languages ?? [];
    const own = i18n.reader.lang;
    return all.length ? [...all].sort((a, b) => Number(b === own) - Number(a === own)) : [own];
  });

  may(role: Role): boolean { return this.role !== null && ranks.indexOf(this.role) >= ranks.indexOf(role); }

  async load(): Promise<void> {
    try { await this.take(await api.get()); this.failure = null; } catch (e) { this.failure = e as Error; }
  }
  async take(info: SessionInfo): Promise<void> {
    setCsrf(info.csrf);
    i18n.customerWord = info.organisation?.customer_word ?? {};
    await i18n.use(info.signed_in && info.settings ? info.settings : remembered(), info.organisation?.zone || 'UTC');
    this.info = info;
    if (info.signed_in) void this.readStatus();
  }
  async signOut(): Promise<void> {
    await api.signOut();
    i18n.chosen.clear();
    await this.load();
    go('/sign-in', { replace: true });
  }
  async changeOrganisation(change: Partial<Organisation>): Promise<void> {
    await organisation.change(change);
    await this.load();
  }
  async readStatus(): Promise<void> {
    try { this.status = await readStatus(); } catch { /* the foot keeps what it last knew */ }
  }
}
export const session = new Session();

onSignedOut(() => {
  if (!session.info?.signed_in) return;
  session.info = { ...session.info, signed_in: false, user: null };
  if (here.route.name !== 'signIn') go(`/sign-in?next=${encodeURIComponent(here.href)}`, { replace: true });
});
