/* Findings of several maps side by side. Pure. */
import type { Finding, MapListed, MeasuredTouchpoint, Texts } from '../api/types.ts';

export interface Pain { map: MapListed; finding: Finding; touchpoint: MeasuredTouchpoint }
export interface SharedPain { maps: MapListed[]; finding: Finding; touchpoint: MeasuredTouchpoint }

/** The same finding of the same touchpoint with the same figures, on two maps, is one thing that hurts: it is listed once and names both. Order stays. */
export function shared(pains: readonly Pain[]): SharedPain[] {
  const out = new Map<string, SharedPain>();
  for (const { map, finding, touchpoint } of pains) {
    // Two readings of one sum may differ in the last bits.
    const diff = finding.diff?.est == null ? null : finding.diff.est.toFixed(6);
    const id = JSON.stringify([finding.kind, finding.touchpoint, finding.cause, finding.dimension, finding.value, finding.instances, diff]);
    const have = out.get(id);
    if (!have) out.set(id, { maps: [map], finding, touchpoint });
    else if (!have.maps.some((m) => m.key === map.key)) have.maps.push(map);
  }
  return [...out.values()];
}

const mark = '[\\u200e\\u200f\\u2066-\\u2069]*';
const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
/**
 * The title of a finding for a place where the touchpoint's name stands
 * already: "Delivery: promise broken for 9%" is "Promise broken for 9%".
 * A title that does not begin with one of the names is left as it is.
 */
export function withoutName(title: string, name: Texts): string {
  for (const text of Object.values(name).sort((a, b) => b.length - a.length)) {
    // The name may be isolated from the sentence; what is isolated after it stays so.
    const rest = text && new RegExp(`^${mark}${literal(text)}${mark}\\s*[:–]\\s*(\\S.*)$`, 's').exec(title)?.[1];
    if (rest) return rest.charAt(0).toUpperCase() + rest.slice(1);
  }
  return title;
}
