/** Settings at which a program is tried. The same for the same parameters. */
import { fromKnob, type ParamInfo } from "@gainstage/plugin-api";

export type Setting = Readonly<Record<string, number>>;

const RANDOM_CORNERS = 12;
const RANDOM_PLACES = 8;

/** The default, and corners: all at the ends of their ranges. */
export function cornersOf(params: readonly ParamInfo[]): readonly Setting[] {
  if (params.length === 0) return [{}];
  const next = random(params.length);
  const randomly = Array.from({ length: RANDOM_CORNERS }, () => atKnobs(params, () => Math.round(next())));
  return [{}, atKnobs(params, () => 1), atKnobs(params, () => 0), ...randomly];
}

/** Each parameter alone at its ends, and random places. */
export function placesOf(params: readonly ParamInfo[]): readonly Setting[] {
  if (params.length === 0) return [];
  const next = random(params.length + 1);
  return [
    ...params.flatMap((p) => [{ [p.id]: p.min }, { [p.id]: p.max }]),
    ...Array.from({ length: RANDOM_PLACES }, () => atKnobs(params, next)),
  ];
}

function atKnobs(params: readonly ParamInfo[], knob: () => number): Setting {
  return Object.fromEntries(params.map((p) => [p.id, fromKnob(p, knob())]));
}

/** Numbers from 0 to 1: mulberry32 (T. Ettinger, public domain). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
