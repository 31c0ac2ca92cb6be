/** What is played over and over: smooth, so that a step in what is heard is a click, and never the same in two sources. */
import { SOURCES } from "./random-mix.ts";

export const RATE_HZ = 48_000;
export const SONG_FRAMES: number = 30 * RATE_HZ;

/** Sines below 500 Hz that swell, on memory as `channel` gives it. */
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
          const t = n / RATE_HZ;
          const swell = 0.6 + 0.4 * Math.sin(2 * Math.PI * (0.21 + 0.05 * s) * t);
          let sum = 0;
          for (const f of hz) sum += Math.sin(2 * Math.PI * f * t);
          samples[n] = 0.1 * swell * sum;
        }
        return samples;
      }),
    ]),
  );
}
