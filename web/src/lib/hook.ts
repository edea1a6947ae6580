/* A webhook's mapping (TOML, docs/protocols.md) from what its members mean. Pure. */
import type { HookPath } from '../api/types.ts';

/** The meanings that the page offers; the word of each is that of a column where there is one. */
export const hookRoles = [
  { role: 'customer', word: 'rolecol.customer' }, { role: 'name_column', word: 'rolecol.event' }, { role: 'time', word: 'rolecol.time' },
  { role: 'id', word: 'rolecol.id' }, { role: 'journey', word: 'rolecol.key' }, { role: 'channel', word: 'rolecol.channel' }, { role: 'unit', word: 'rolecol.unit' },
  { role: 'score', word: 'rolecol.score' }, { role: 'comment', word: 'rolecol.comment' }, { role: 'expected_at', word: 'rolecol.expected_at' },
  { role: 'value', word: 'rolecol.value' }, { role: 'currency', word: 'rolecol.currency' },
] as const;

const quoted = (s: string): string => `"${s.replace(/["\\]/g, '\\$&').replace(/[\u0000-\u001f\u007f]/g, (c) => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'))}"`;

/** Several members of one meaning: the first that says something counts. */
export function hookMapping(paths: readonly HookPath[], chosen: Record<string, string>, each: string): string {
  const lines = each ? [`each = ${quoted(each)}`] : [];
  for (const { role } of hookRoles) {
    const of = paths.filter((p) => (chosen[p.path] ?? p.role) === role);
    if (!of.length) continue;
    lines.push(`${role} = ${of.length === 1 ? quoted(of[0]!.path) : `[${of.map((p) => quoted(p.path)).join(', ')}]`}`);
    if (role === 'time' && of[0]!.kind === 'number') lines.push(`time_format = "${Number(of[0]!.value) > 1e11 ? 'epoch_ms' : 'epoch_s'}"`);
  }
  if (!lines.some((l) => l.startsWith('name_column'))) lines.push('name = "Webhook"');
  return [...lines, 'keep = "."', ''].join('\n');
}
