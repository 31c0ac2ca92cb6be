/**
 * How long the delay is: always a whole number of frames, so that an echo is its original bit for bit and a loop at
 * 100 % loses nothing. The k-th echo is at most k/2 frames off the beat, 10 µs each at 48 kHz.
 */
import { param, Processor, Transport, TRANSPORT_PRESENT } from "@gainstage/plugin-api/assembly/processor";
import { CLOCK, NOTE, TEMPO_BPM, TIME_MS } from "./params";

/** What the interpolation needs between the frame that is written and the point that is read, and a little air. */
export const SHORTEST_FRAMES: i32 = 16;
/** What a note would take beyond this is halved until it fits: it stays in rhythm. */
export const LONGEST_MS: f64 = 8000;

const CLOCK_MS: i32 = 0;
const CLOCK_SONG: i32 = 1;

/** Beats of the notes in plugin.json, in its order: 1/32, 1/16 … 1/1 with their triplets and dotted ones, by length. */
const BEATS = memory.data<f64>([
  1.0 / 12, 1.0 / 8, 1.0 / 6, 3.0 / 16, 1.0 / 4, 1.0 / 3, 3.0 / 8, 1.0 / 2, 2.0 / 3,
  3.0 / 4, 1, 4.0 / 3, 3.0 / 2, 2, 8.0 / 3, 3, 4, 6,
]);

/** The song's tempo where there is a song, playing or not; else the plugin's own. */
function tempoBpm(p: Processor): f64 {
  const transport = changetype<Transport>(<usize>p.transport);
  const song = <i32>param(p, CLOCK) == CLOCK_SONG && (transport.flags & TRANSPORT_PRESENT) != 0;
  return song && transport.tempoBpm > 0 ? transport.tempoBpm : param(p, TEMPO_BPM);
}

/** Frames of delay that the parameters and the tempo ask for. */
export function wantedFrames(p: Processor, sampleRateHz: f64): i32 {
  let ms = param(p, TIME_MS);
  if (<i32>param(p, CLOCK) != CLOCK_MS) {
    ms = (load<f64>(BEATS + (<usize>param(p, NOTE) << 3)) * 60000) / tempoBpm(p);
    while (ms > LONGEST_MS) ms /= 2;
  }
  return max(SHORTEST_FRAMES, <i32>Math.round(ms * 0.001 * sampleRateHz));
}
