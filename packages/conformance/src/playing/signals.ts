/** Test signals as functions: nothing is stored, and the same seed gives the same samples. */
import type { Signal } from "../cases/case.ts";

/** A uniform generator on [0, 1): xorshift32 (Marsaglia, "Xorshift RNGs", 2003). `seed` is any number but 0. */
export function random(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4294967296;
  };
}

/** White noise, uniform in ±amplitude. */
export function noise(frames: number, seed: number, amplitude = 0.5): Float32Array {
  const next = random(seed);
  const signal = new Float32Array(frames);
  for (let i = 0; i < frames; i++) signal[i] = amplitude * (2 * next() - 1);
  return signal;
}

export function sine(
  frames: number,
  frequencyHz: number,
  sampleRateHz: number,
  amplitude = 0.5,
): Float32Array {
  const step = (2 * Math.PI * frequencyHz) / sampleRateHz;
  const signal = new Float32Array(frames);
  for (let i = 0; i < frames; i++) signal[i] = amplitude * Math.sin(step * i);
  return signal;
}

export function impulse(frames: number, amplitude = 1): Float32Array {
  const signal = new Float32Array(frames);
  signal[0] = amplitude;
  return signal;
}

/** Channels that differ from one another, [channel]. */
export function channelsOfSignal(
  signal: Signal,
  channels: number,
  frames: number,
  sampleRateHz: number,
): Float32Array[] {
  const until = Math.min(frames, signal.until ?? frames);
  return Array.from({ length: channels }, (_, c) => {
    const channel = oneChannel(signal, c, until, sampleRateHz);
    if (until === frames) return channel;
    const longer = new Float32Array(frames);
    longer.set(channel);
    return longer;
  });
}

function oneChannel(
  { kind, amplitude = 0.7, seed = 1, frequencyHz = 997 }: Signal,
  channel: number,
  frames: number,
  sampleRateHz: number,
): Float32Array {
  switch (kind) {
    case "noise":
      return noise(frames, seed * 64 + channel, amplitude);
    case "sine":
      return sine(frames, frequencyHz * (1 + 0.1 * channel), sampleRateHz, amplitude);
    case "square":
      return sine(frames, frequencyHz * (1 + 0.1 * channel), sampleRateHz).map(
        (x) => amplitude * Math.sign(x),
      );
    case "impulse":
      return impulse(frames, channel % 2 === 0 ? amplitude : -amplitude);
    case "dc":
      return new Float32Array(frames).fill(amplitude);
    case "silence":
      return new Float32Array(frames);
  }
}
