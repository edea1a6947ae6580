/*
 * Editing a map document: pure functions from document to document. Each
 * keeps two invariants: touchpoints of one stage stand together, in the
 * order of the stages; and branches of one step stand together and share
 * their stage. Nothing here talks to a server or knows of the page.
 */
import type { Assumed, MapDocument, Promised, Rule, Stage, Texts, Touchpoint, Written } from '../api/types.ts';

export const stepOf = (t: Touchpoint): string => t.step || t.key;

export interface Step { key: string; stage: string; touchpoints: Touchpoint[] }
/** The columns, in order. */
export function stepsOf(doc: MapDocument): Step[] {
  const out: Step[] = [];
  for (const t of doc.touchpoints) {
    const last = out.at(-1);
    if (last && last.key === stepOf(t)) last.touchpoints.push(t);
    else out.push({ key: stepOf(t), stage: t.stage, touchpoints: [t] });
  }
  return out;
}

function settle(doc: MapDocument): MapDocument {
  const place = new Map(doc.stages.map((s, i) => [s.key, i]));
  const lead = new Map<string, Touchpoint>();
  for (const t of doc.touchpoints) if (!lead.has(stepOf(t))) lead.set(stepOf(t), t);
  const order = [...lead.keys()];
  const touchpoints = doc.touchpoints
    .map((t) => { const l = lead.get(stepOf(t))!; return l.stage === t.stage ? t : { ...t, stage: l.stage }; })
    .map((t, i) => ({ t, i }))
    .sort((a, b) => (place.get(a.t.stage) ?? 0) - (place.get(b.t.stage) ?? 0) || order.indexOf(stepOf(a.t)) - order.indexOf(stepOf(b.t)) || a.i - b.i)
    .map((x) => x.t);
  return { ...doc, touchpoints };
}
function change(doc: MapDocument, key: string, f: (t: Touchpoint) => Touchpoint): MapDocument {
  return { ...doc, touchpoints: doc.touchpoints.map((t) => (t.key === key ? f(t) : t)) };
}
/** A copy without a member whose value says nothing. */
function without<T extends object>(o: T, name: keyof T): T { const copy = { ...o }; delete copy[name]; return copy; }
function texts(old: Record<string, string> | undefined, lang: string, text: string): Record<string, string> {
  const out = { ...old };
  if (text.trim()) out[lang] = text; else delete out[lang];
  return out;
}
/** What stands in the reader's own language; a plain text stands in all. */
export function ownText(written: Written | undefined, lang: string): string {
  return typeof written === 'string' ? written : (written?.[lang] ?? '');
}
/** What the reader is shown where the own language has nothing: the map's languages in their order, then English, then any. */
export function readText(doc: MapDocument, written: Written | undefined, lang: string): string {
  if (written === undefined || typeof written === 'string') return written ?? '';
  return [lang, ...Object.keys(doc.name), 'en', ...Object.keys(written)].map((l) => written[l]).find((v) => v) ?? '';
}
/**
 * Writes one language and keeps the others. A plain text counts as one in the
 * map's first language: a reader of that language goes on writing it plain,
 * the words of any other are put beside it.
 */
function write(doc: MapDocument, old: Written | undefined, lang: string, text: string): Written | undefined {
  const first = Object.keys(doc.name)[0] ?? lang;
  if (typeof old === 'string' && lang === first) return text.trim() ? text : undefined;
  const next: Texts = texts(typeof old === 'string' ? { [first]: old } : old, lang, text);
  return Object.keys(next).length ? next : undefined;
}
function setWritten(doc: MapDocument, key: string, member: 'owner' | 'behind', lang: string, text: string): MapDocument {
  return change(doc, key, (t) => {
    const next = write(doc, t[member], lang, text);
    return next === undefined ? without(t, member) : { ...t, [member]: next };
  });
}
/** A key made of a text that no other has: "order_delivered", "order_delivered_2". */
export function freshKey(text: string, taken: Iterable<string>): string {
  const have = new Set(taken);
  const base = text.normalize('NFKD').toLowerCase().replace(/[^a-z0-9]+/g, '_').replace(/^_+|_+$/g, '').slice(0, 40) || 'step';
  let key = base;
  for (let n = 2; have.has(key); n++) key = `${base}_${n}`;
  return key;
}

export function renameMap(doc: MapDocument, lang: string, text: string): MapDocument { return { ...doc, name: texts(doc.name, lang, text) }; }
export function renameTouchpoint(doc: MapDocument, key: string, lang: string, text: string): MapDocument { return change(doc, key, (t) => ({ ...t, name: texts(t.name, lang, text) })); }
export function renameStage(doc: MapDocument, key: string, lang: string, text: string): MapDocument {
  return { ...doc, stages: doc.stages.map((s) => (s.key === key ? { ...s, name: texts(s.name, lang, text) } : s)) };
}

/** One place earlier (-1) or later (1). At the edge of its stage the step goes over into the neighbouring one. */
export function moveStep(doc: MapDocument, step: string, by: -1 | 1): MapDocument {
  const steps = stepsOf(doc);
  const at = steps.findIndex((s) => s.key === step);
  if (at < 0) return doc;
  const me = steps[at]!, other = steps[at + by];
  const stages = doc.stages.map((s) => s.key);
  if (other && other.stage === me.stage) {
    steps.splice(at, 1);
    steps.splice(at + by, 0, me);
    return settle({ ...doc, touchpoints: steps.flatMap((s) => s.touchpoints) });
  }
  const stage = stages[stages.indexOf(me.stage) + by];
  if (stage === undefined) return doc;
  return placeStep(doc, step, stage, by === 1 ? 0 : Infinity);
}

/** Puts a step into a stage, as its `index`th step. */
export function placeStep(doc: MapDocument, step: string, stage: string, index: number): MapDocument {
  if (!doc.stages.some((s) => s.key === stage)) return doc;
  const steps = stepsOf(doc);
  const at = steps.findIndex((s) => s.key === step);
  if (at < 0) return doc;
  const me: Step = { ...steps[at]!, stage, touchpoints: steps[at]!.touchpoints.map((t) => ({ ...t, stage })) };
  steps.splice(at, 1);
  const inStage = steps.filter((s) => s.stage === stage);
  const before = inStage[Math.max(0, index)];
  const to = before && index < inStage.length ? steps.indexOf(before) : steps.length;
  steps.splice(to, 0, me);
  return settle({ ...doc, touchpoints: steps.flatMap((s) => s.touchpoints) });
}

export function addStage(doc: MapDocument, after: string | null, name: Record<string, string>): { doc: MapDocument; key: string } {
  const key = freshKey(Object.values(name)[0] ?? 'stage', doc.stages.map((s) => s.key));
  const at = after === null ? -1 : doc.stages.findIndex((s) => s.key === after);
  const stages: Stage[] = [...doc.stages];
  stages.splice(at < 0 ? stages.length : at + 1, 0, { key, name });
  return { doc: settle({ ...doc, stages }), key };
}
/** Its steps go to the stage before (or after the first one); the last stage stays. */
export function removeStage(doc: MapDocument, key: string): MapDocument {
  const at = doc.stages.findIndex((s) => s.key === key);
  if (at < 0 || doc.stages.length < 2) return doc;
  const heir = doc.stages[at === 0 ? 1 : at - 1]!.key;
  return settle({ ...doc, stages: doc.stages.filter((s) => s.key !== key), touchpoints: doc.touchpoints.map((t) => (t.stage === key ? { ...t, stage: heir } : t)) });
}
export function moveStage(doc: MapDocument, key: string, by: -1 | 1): MapDocument {
  const at = doc.stages.findIndex((s) => s.key === key), to = at + by;
  if (at < 0 || to < 0 || to >= doc.stages.length) return doc;
  const stages = [...doc.stages];
  [stages[at], stages[to]] = [stages[to]!, stages[at]!];
  return settle({ ...doc, stages });
}

/** All touchpoints of `step` become branches of `into`. */
export function mergeSteps(doc: MapDocument, step: string, into: string): MapDocument {
  if (step === into) return doc;
  const target = doc.touchpoints.filter((t) => stepOf(t) === into);
  const moved = doc.touchpoints.filter((t) => stepOf(t) === step);
  if (!target.length || !moved.length) return doc;
  const stage = target[0]!.stage;
  const out: Touchpoint[] = [];
  const last = target.at(-1)!;
  for (const t of doc.touchpoints) {
    if (stepOf(t) === step) continue;
    out.push(stepOf(t) === into ? { ...t, step: into } : t);
    if (t === last) out.push(...moved.map((m) => ({ ...m, step: into, stage })));
  }
  return settle({ ...doc, touchpoints: out });
}
/** A branch becomes a step of its own, after the step it was in. */
export function splitTouchpoint(doc: MapDocument, key: string): MapDocument {
  const me = doc.touchpoints.find((t) => t.key === key);
  if (!me) return doc;
  const step = stepOf(me), rest = doc.touchpoints.filter((t) => stepOf(t) === step && t.key !== key);
  if (!rest.length) return doc;
  // When the one that gave the step its key leaves, the others take the key of their first.
  const name = step === key ? rest[0]!.key : step;
  const others = rest.map((t) => (rest.length === 1 && t.key === name ? without(t, 'step') : { ...t, step: name }));
  const out: Touchpoint[] = [];
  for (const t of doc.touchpoints) {
    if (stepOf(t) !== step) { out.push(t); continue; }
    if (t !== doc.touchpoints.find((x) => stepOf(x) === step)) continue;
    out.push(...others, without(me, 'step'));
  }
  return settle({ ...doc, touchpoints: out });
}
export function removeTouchpoint(doc: MapDocument, key: string): MapDocument {
  const alone = splitTouchpoint(doc, key);
  const purchase = alone.purchase_after === key ? without(alone, 'purchase_after') : alone;
  return { ...purchase, touchpoints: purchase.touchpoints.filter((t) => t.key !== key) };
}

/** Events that no touchpoint knew become part of one ... */
export function addRule(doc: MapDocument, key: string, rule: Rule): MapDocument {
  return change(doc, key, (t) => {
    const have = (t.rules ?? []).some((r) => r.event === rule.event && (r.channel ?? '') === (rule.channel ?? '') && !r.where?.length);
    return have ? t : { ...t, rules: [...(t.rules ?? []), rule] };
  });
}
export function removeRule(doc: MapDocument, key: string, index: number): MapDocument {
  return change(doc, key, (t) => ({ ...t, rules: (t.rules ?? []).filter((_, i) => i !== index) }));
}
/** ... or a touchpoint of their own, at the end of a stage. */
export function addTouchpoint(doc: MapDocument, stage: string, name: Record<string, string>, rule?: Rule): { doc: MapDocument; key: string } {
  const key = freshKey(rule?.event ?? Object.values(name)[0] ?? '', doc.touchpoints.flatMap((t) => [t.key, stepOf(t)]));
  const made: Touchpoint = { key, stage, name, ...(rule ? { rules: [rule] } : { documented: true }), ...(rule?.channel ? { channels: [rule.channel] } : {}) };
  return { doc: settle({ ...doc, touchpoints: [...doc.touchpoints, made] }), key };
}

export function setOptional(doc: MapDocument, key: string, optional: boolean): MapDocument { return change(doc, key, (t) => (optional ? { ...t, optional } : without(t, 'optional'))); }
export function setOwner(doc: MapDocument, key: string, lang: string, text: string): MapDocument { return setWritten(doc, key, 'owner', lang, text); }
export function setBehind(doc: MapDocument, key: string, lang: string, text: string): MapDocument { return setWritten(doc, key, 'behind', lang, text); }
export function setPromise(doc: MapDocument, key: string, promise: Promised): MapDocument {
  return change(doc, key, (t) => {
    const next: Promised = { ...t.promise, ...promise };
    if (!next.within) delete next.within;
    if (next.text && !Object.keys(next.text).length) delete next.text;
    return next.within || next.text || next.source ? { ...t, promise: next } : without(t, 'promise');
  });
}
/** What the team believes people feel there, -2 to 2; null when it says nothing. */
export function setAssumed(doc: MapDocument, key: string, feeling: number | null, by: string, at: string): MapDocument {
  return change(doc, key, (t) => {
    if (feeling === null) return without(t, 'assumed');
    const next: Assumed = { ...t.assumed, feeling, by: t.assumed?.by || by, at: t.assumed?.at || at };
    delete next.score;
    return { ...t, assumed: next };
  });
}

/** Undo and redo as a value. Typing in one field again and again is one step: `label` says what is being done. */
export interface History { past: MapDocument[]; now: MapDocument; future: MapDocument[]; label: string }
export const HISTORY_MAX = 200;
export const history = (now: MapDocument): History => ({ past: [], now, future: [], label: '' });
export function did(h: History, now: MapDocument, label = ''): History {
  if (now === h.now) return h;
  if (label && label === h.label) return { ...h, now, future: [] };
  return { past: [...h.past, h.now].slice(-HISTORY_MAX), now, future: [], label };
}
export function undo(h: History): History {
  const now = h.past.at(-1);
  return now ? { past: h.past.slice(0, -1), now, future: [h.now, ...h.future], label: '' } : h;
}
export function redo(h: History): History {
  const now = h.future[0];
  return now ? { past: [...h.past, h.now], now, future: h.future.slice(1), label: '' } : h;
}
