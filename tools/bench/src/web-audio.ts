/** The workloads in node-web-audio-api: what a JavaScript user would pick instead. */
import { type AudioNode, OfflineAudioContext } from "node-web-audio-api";
import {
  CHAIN_GAIN,
  CHAINS,
  COMPRESSOR,
  EQ8,
  GAIN,
  GAINS_PER_CHAIN,
  PAN,
  SAMPLE_RATE_HZ,
} from "./workloads.ts";

const BIQUAD_TYPES = { "low-shelf": "lowshelf", bell: "peaking", "high-shelf": "highshelf" } as const;

function offline(source: readonly Float32Array[]) {
  const context = new OfflineAudioContext(2, source[0].length, SAMPLE_RATE_HZ);
  const buffer = context.createBuffer(2, source[0].length, SAMPLE_RATE_HZ);
  source.forEach((channel, c) => {
    buffer.copyToChannel(channel as Float32Array<ArrayBuffer>, c);
  });
  const player = context.createBufferSource();
  player.buffer = buffer;
  player.start();
  return { context, player };
}

/** Milliseconds of rendering alone: the graph is built before the clock starts. */
async function renderMs(context: OfflineAudioContext): Promise<number> {
  const started = performance.now();
  await context.startRendering();
  return performance.now() - started;
}

export async function w1(source: readonly Float32Array[]): Promise<number> {
  const { context, player } = offline(source);
  const bands = EQ8.map(([type, frequencyHz, q, gainDb]) => {
    const band = context.createBiquadFilter();
    band.type = BIQUAD_TYPES[type];
    band.frequency.value = frequencyHz;
    band.Q.value = q;
    band.gain.value = gainDb;
    return band;
  });
  const compressor = context.createDynamicsCompressor();
  compressor.threshold.value = COMPRESSOR.thresholdDb;
  compressor.ratio.value = COMPRESSOR.ratio;
  compressor.knee.value = COMPRESSOR.kneeDb;
  compressor.attack.value = COMPRESSOR.attackMs / 1000;
  compressor.release.value = COMPRESSOR.releaseMs / 1000;
  const gain = context.createGain();
  gain.gain.value = GAIN;
  const pan = context.createStereoPanner();
  pan.pan.value = PAN;
  const chain: AudioNode[] = [player, ...bands, compressor, gain, pan, context.destination];
  for (let i = 1; i < chain.length; i++) chain[i - 1].connect(chain[i]);
  return renderMs(context);
}

export async function w5(source: readonly Float32Array[]): Promise<number> {
  const { context, player } = offline(source);
  for (let c = 0; c < CHAINS; c++) {
    let at: AudioNode = player;
    for (let g = 0; g < GAINS_PER_CHAIN; g++) {
      const gain = context.createGain();
      gain.gain.value = CHAIN_GAIN;
      at.connect(gain);
      at = gain;
    }
    at.connect(context.destination);
  }
  return renderMs(context);
}
