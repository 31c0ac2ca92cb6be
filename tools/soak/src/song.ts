/** What is played over and over: smooth, so that a step in what is heard is a click, and never the same in two sources. */
import { SOURCES } from "./random-mix.ts";

export const RATE_HZ = 48_000;
export const SONG_FRAMES: number = 30 * RATE_HZ;

/** Round waves below 500 Hz that swell, on memory as `channel` gives it. */
export function sources(
  channel: (frames: number) => Float32Array,
): ReadonlyMap<string, readonly Float32Array[]> {
  return new Map(
    SOURCES.map((source, s) => [
      source,
      [0, 1].map((c) => {
        const samples = channel(SONG_FRAMES);
        const hz = [55 + 31 * s + 3 * c, 140 + 57 * s, 330 + 23 * s + 7 * c];
        for (let n = 0; n < SONG_FRAMES; n++) {
          let sum = 0;
          for (const f of hz) sum += wave((f * n) % RATE_HZ, RATE_HZ);
          const swellFrames = RATE_HZ * (5 - s);
          samples[n] = 0.1 * (0.6 + 0.4 * wave(n % swellFrames, swellFrames)) * sum;
        }
        return samples;
      }),
    ]),
  );
}

/** Two parabolas that are nearly a sine. Math.sin() differs from engine to engine, and these sources must not. */
function wave(at: number, period: number): number {
  const t = at / period - 0.5;
  return 8 * t * (1 - 2 * Math.abs(t));
}
