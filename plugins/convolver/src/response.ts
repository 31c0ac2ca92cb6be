/** The response that is convolved with, left and right, with unit energy. The twin of assembly/response.ts. */
import { late } from "./late.ts";
import { type OwnResponse, resampled } from "./own-response.ts";
import { reflections } from "./reflections.ts";
import { SPACES } from "./spaces.ts";

const LENGTH_DB = 80;
const INAUDIBLE = 1e-10;
const SHORTEST_DECAY_S = 0.01;

type Pair = readonly Float64Array[];

/** Of the space of that choice; of the user's own, if there is one, for the choice after the last space. */
export function responseFor(
  space: number,
  stretch: number,
  sampleRateHz: number,
  own: OwnResponse | undefined,
): Pair {
  if (space < SPACES.length) return normalised(responseOfSpace(space, stretch, sampleRateHz));
  if (!own) return [new Float64Array(), new Float64Array()];
  const given = resampled(own, sampleRateHz);
  const scaled = stretch === 1 ? given : withDecay(given, stretch, sampleRateHz);
  const end = framesUntil(scaled, INAUDIBLE);
  return normalised(scaled.map((channel) => channel.subarray(0, end)));
}

/** Noise, and reflections at their level against it. */
function responseOfSpace(space: number, stretch: number, sampleRateHz: number): Pair {
  const { decaysS, earlyDb } = SPACES[space];
  const frames = Math.ceil((LENGTH_DB / 60) * Math.max(...decaysS) * stretch * sampleRateHz);
  const noise = [0, 1].map((c) => late(space, c, stretch, sampleRateHz, frames));
  const early = [0, 1].map((c) => reflections(space, c, sampleRateHz, frames));
  if (energyOf(early) === 0) return noise;
  const gain = Math.sqrt((10 ** (earlyDb / 10) * energyOf(noise)) / energyOf(early));
  return noise.map((channel, c) => channel.map((x, i) => x + gain * early[c][i]));
}

function energyOf(pair: Pair): number {
  return pair.reduce((sum, channel) => channel.reduce((s, x) => s + x * x, sum), 0);
}

/** Unit energy a channel. */
function normalised(pair: Pair): Pair {
  const energy = energyOf(pair);
  return pair.map((channel) => channel.map((x) => (energy > 0 ? x * Math.sqrt(2 / energy) : 0)));
}

/** Frames until no more than `share` of the energy is left (Schroeder, JASA 37(3), 1965). */
function framesUntil([left, right]: Pair, share: number): number {
  const energy = energyOf([left, right]);
  let remaining = energy;
  for (let i = 0; i < left.length; i++) {
    if (remaining <= share * energy) return i;
    remaining -= left[i] ** 2 + right[i] ** 2;
  }
  return left.length;
}

/** Decays `stretch` times as long as the response does by itself, which is measured from -5 to -25 dB. */
function withDecay(pair: Pair, stretch: number, sampleRateHz: number): Pair {
  const frames = 3 * (framesUntil(pair, 10 ** -2.5) - framesUntil(pair, 10 ** -0.5));
  if (frames < SHORTEST_DECAY_S * sampleRateHz) return pair;
  return pair.map((channel) => channel.map((x, i) => x * 10 ** ((-3 * (1 / stretch - 1) * i) / frames)));
}
