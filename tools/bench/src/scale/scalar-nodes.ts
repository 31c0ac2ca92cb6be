/** The engine's own nodes as one would write them in TypeScript: what the kernels are held against. */

/** One channel of a block, `frames` from `at` on. */
export type ScalarNode = (
  from: Float32Array,
  to: Float32Array,
  at: number,
  frames: number,
  channel: number,
) => void;

const DELAY_FRAMES = 480;

export const scalarNodes = {
  gain: (): ScalarNode => (from, to, at, frames) => {
    for (let i = at; i < at + frames; i++) to[i] = from[i] * 0.999;
  },
  pan: (): ScalarNode => (from, to, at, frames, channel) => {
    const gain = channel === 0 ? 0.99 : 1;
    for (let i = at; i < at + frames; i++) to[i] = from[i] * gain;
  },
  delay: (): ScalarNode => {
    const lines = [new Float32Array(DELAY_FRAMES), new Float32Array(DELAY_FRAMES)];
    const places = [0, 0];
    return (from, to, at, frames, channel) => {
      const line = lines[channel];
      let place = places[channel];
      for (let i = at; i < at + frames; i++) {
        to[i] = line[place];
        line[place] = from[i];
        if (++place === DELAY_FRAMES) place = 0;
      }
      places[channel] = place;
    };
  },
  meter: (): ScalarNode => {
    const peaks = new Float64Array(2);
    const energies = new Float64Array(2);
    return (from, _, at, frames, channel) => {
      let [peak, energy] = [peaks[channel], energies[channel]];
      for (let i = at; i < at + frames; i++) {
        peak = Math.max(peak, Math.abs(from[i]));
        energy += from[i] * from[i];
      }
      peaks[channel] = peak;
      energies[channel] = energy;
    };
  },
  sum: (): ScalarNode => (from, to, at, frames) => {
    for (let i = at; i < at + frames; i++) to[i] += from[i];
  },
};
