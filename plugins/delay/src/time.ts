/** How long the delay is, in whole frames. The twin of assembly/time.ts. */
import type { Transport } from "@gainstage/plugin-api";
import { CLOCK, NOTE, TEMPO_BPM, TIME_MS } from "./params.ts";

const SHORTEST_FRAMES = 16;
export const LONGEST_MS = 8000;
const CLOCK_MS = 0;
const CLOCK_SONG = 1;

/** Beats of a straight note, a triplet and a dotted one, by length: the order of the choices in plugin.json. */
export const BEATS = [1 / 8, 1 / 4, 1 / 2, 1, 2, 4]
  .flatMap((beats) => [(beats * 2) / 3, beats, (beats * 3) / 2])
  .sort((a, b) => a - b);

export function wantedFrames(
  params: Float64Array,
  transport: Transport | null,
  sampleRateHz: number,
): number {
  const tempoBpm = params[CLOCK] === CLOCK_SONG && transport ? transport.tempoBpm : params[TEMPO_BPM];
  let ms = params[CLOCK] === CLOCK_MS ? params[TIME_MS] : (BEATS[params[NOTE]] * 60_000) / tempoBpm;
  while (params[CLOCK] !== CLOCK_MS && ms > LONGEST_MS) ms /= 2;
  return Math.max(SHORTEST_FRAMES, Math.round((ms * sampleRateHz) / 1000));
}
