/** node-web-audio-api: what a JavaScript user would pick. W1, W3, W5. */
import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { type AudioNode, OfflineAudioContext } from "node-web-audio-api";
import { type Entrant, timed } from "../entrant.ts";
import type { Material, Stereo } from "../material.ts";
import {
  type Band,
  BUS_DB,
  CHAIN_GAIN,
  CHAINS,
  COMPRESSOR,
  dbToGain,
  EQ4,
  EQ8,
  GAIN,
  GAINS_PER_CHAIN,
  LIMITER,
  PAN,
  REVERB_SECONDS,
  SAMPLE_RATE_HZ,
  SEND_DB,
  trackPan,
  type WorkloadId,
} from "../workloads.ts";
import type { Peer } from "./peer.ts";

const BIQUADS = { "low-shelf": "lowshelf", bell: "peaking", "high-shelf": "highshelf" } as const;

/** Frames of the reverb's lines: primes, so that their echoes do not coincide. */
const LINES = [
  1031, 1123, 1223, 1327, 1433, 1543, 1657, 1777, 1901, 2027, 2161, 2297, 2437, 2591, 2749, 2917,
];

/** Its compressor adapts its release and its panner keeps the power, so that it comes out louder than others: in decibels. */
const LOUDER_DB = { W1: 2.7, W3: 4.5 };

export const nodeWebAudio: Peer = {
  name: "node-web-audio-api",
  workloads: ["W1", "W3", "W5"],
  install: "npm install",
  version: async () =>
    JSON.parse(readFileSync(findPackageJSON("node-web-audio-api", import.meta.url)!, "utf8")).version,
  enter: async (workload, material): Promise<Entrant> => ({
    name: nodeWebAudio.name,
    run: async () => (await render(workload, material)).seconds,
    firstRun: async () => {
      const { channels, seconds } = await render(workload, material);
      return { outcome: { channels }, seconds };
    },
  }),
};

/** Rendering alone is timed: the graph is built before the clock starts. */
async function render(workload: WorkloadId, material: Material) {
  const context = new OfflineAudioContext(2, material.frames, SAMPLE_RATE_HZ);
  if (workload === "W1")
    chain(
      player(context, material.source),
      strip(context, EQ8, GAIN * dbToGain(-LOUDER_DB.W1), PAN),
      context.destination,
    );
  else if (workload === "W3") mix(context, material);
  else gains(context, player(context, material.source));
  let channels: Stereo | undefined;
  const seconds = await timed(async () => {
    const buffer = await context.startRendering();
    channels = [buffer.getChannelData(0), buffer.getChannelData(1)];
  });
  return { channels: channels!, seconds };
}

function player(context: OfflineAudioContext, source: Stereo): AudioNode {
  const node = context.createBufferSource();
  node.buffer = bufferOf(context, source);
  node.start();
  return node;
}

function bufferOf(context: OfflineAudioContext, source: Stereo) {
  const buffer = context.createBuffer(2, source[0].length, SAMPLE_RATE_HZ);
  // It does not take shared memory.
  for (const [c, channel] of source.entries()) buffer.copyToChannel(Float32Array.from(channel), c);
  return buffer;
}

function chain(from: AudioNode, through: readonly AudioNode[], to: AudioNode): void {
  [...through, to].reduce((at, next) => at.connect(next), from);
}

/** Equalizer, compressor, gain and balance. */
function strip(context: OfflineAudioContext, bands: readonly Band[], gain: number, pan: number): AudioNode[] {
  const filters = bands.map(({ type, frequencyHz, q, gainDb }) => {
    const filter = context.createBiquadFilter();
    filter.type = BIQUADS[type];
    filter.frequency.value = frequencyHz;
    filter.Q.value = q;
    filter.gain.value = gainDb;
    return filter;
  });
  const { thresholdDb, ratio, kneeDb, attackMs, releaseMs, makeupDb } = COMPRESSOR;
  const compressor = context.createDynamicsCompressor();
  compressor.threshold.value = thresholdDb;
  compressor.ratio.value = ratio;
  compressor.knee.value = kneeDb;
  compressor.attack.value = attackMs / 1000;
  compressor.release.value = releaseMs / 1000;
  return [
    ...filters,
    compressor,
    gainNode(context, gain * dbToGain(makeupDb - ownMakeupDb())),
    balance(context, pan),
  ];
}

/** What a DynamicsCompressorNode adds by itself: 0.6 times what its curve takes from full scale (Web Audio API, 1.19.4). */
function ownMakeupDb(): number {
  const { thresholdDb, ratio, kneeDb } = COMPRESSOR;
  // Above the knee the curve goes on from the knee's end; between, it bends: about half of it at the ratio.
  const kneeEndDb = thresholdDb + kneeDb;
  const fullScaleDb = thresholdDb + (kneeDb * (1 + 1 / ratio)) / 2 - kneeEndDb / ratio;
  return -0.6 * fullScaleDb;
}

function gainNode(context: OfflineAudioContext, gain: number): AudioNode {
  const node = context.createGain();
  node.gain.value = gain;
  return node;
}

function balance(context: OfflineAudioContext, pan: number): AudioNode {
  const node = context.createStereoPanner();
  node.pan.value = pan;
  return node;
}

function mix(context: OfflineAudioContext, { tracks, response }: Material): void {
  const limiter = context.createDynamicsCompressor();
  limiter.threshold.value = LIMITER.ceilingDbtp;
  limiter.ratio.value = 20;
  limiter.knee.value = 0;
  limiter.attack.value = LIMITER.lookaheadMs / 1000;
  limiter.release.value = LIMITER.releaseMs / 1000;
  const bus = gainNode(context, dbToGain(BUS_DB - LOUDER_DB.W3));
  chain(bus, [limiter], context.destination);
  const sends = [reverb(context, bus)];
  if (response) {
    const convolver = context.createConvolver();
    convolver.normalize = false;
    convolver.buffer = bufferOf(context, response);
    convolver.connect(bus);
    sends.push(convolver);
  }
  for (const [t, track] of tracks.entries()) {
    const channel = strip(context, EQ4, 1, trackPan(t));
    chain(player(context, track), channel, bus);
    for (const effect of sends)
      chain(channel[channel.length - 1], [gainNode(context, dbToGain(SEND_DB))], effect);
  }
}

/** A feedback delay network of sixteen lines and a Householder matrix, which is a sum and a subtraction. */
function reverb(context: OfflineAudioContext, to: AudioNode): AudioNode {
  const input = gainNode(context, 1 / LINES.length);
  const sum = gainNode(context, -2 / LINES.length);
  for (const frames of LINES) {
    const line = context.createDelay();
    line.delayTime.value = frames / SAMPLE_RATE_HZ;
    const damping = context.createBiquadFilter();
    damping.type = "lowpass";
    damping.frequency.value = 5000;
    // Decibels here: no resonance, with which the loop would grow.
    damping.Q.value = -3.01;
    const decay = gainNode(context, 10 ** ((-3 * frames) / (REVERB_SECONDS * SAMPLE_RATE_HZ)));
    chain(input, [line, damping, decay], line);
    decay.connect(sum);
    sum.connect(line);
    decay.connect(to);
  }
  return input;
}

function gains(context: OfflineAudioContext, from: AudioNode): void {
  for (let c = 0; c < CHAINS; c++) {
    const nodes = Array.from({ length: GAINS_PER_CHAIN }, () => gainNode(context, CHAIN_GAIN));
    chain(from, nodes, context.destination);
  }
}
