/**
 * W1 and W5, ours and the peer's in turn in one run, so that a machine that slows down slows both. Medians over the
 * rounds; the ratio is the median of the rounds' ratios.
 *
 *   node tools/bench/src/main.ts [--rounds=5] [--seconds=60] [--no-peers] [--json]
 */
import { parseArgs } from "node:util";
import * as gainstage from "./gainstage.ts";
import { BLOCK_FRAMES, CHAINS, GAINS_PER_CHAIN, programme, SAMPLE_RATE_HZ } from "./workloads.ts";

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "60" },
    peers: { type: "boolean", default: true },
    json: { type: "boolean", default: false },
  },
  allowNegative: true,
});
const rounds = Number(flags.rounds);
const seconds = Number(flags.seconds);
const frames = seconds * SAMPLE_RATE_HZ;

interface Result {
  readonly workload: string;
  readonly oursMs: number;
  readonly peer: string | null;
  readonly peerMs: number | null;
  /** Ours over the peer's. */
  readonly ratio: number | null;
  readonly detail: string;
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1];

async function measure(
  workload: string,
  ours: () => number,
  peer: (() => Promise<number>) | undefined,
  detail: (ms: number) => string,
): Promise<Result> {
  const times: { ours: number; peer: number }[] = [];
  // One round to warm up, not counted.
  for (let round = 0; round <= rounds; round++) {
    process.stderr.write(`${workload}: round ${round} of ${rounds}\n`);
    const started = performance.now();
    ours();
    const oursMs = performance.now() - started;
    const peerMs = peer ? await peer() : Number.NaN;
    if (round > 0) times.push({ ours: oursMs, peer: peerMs });
  }
  const oursMs = median(times.map((t) => t.ours));
  return {
    workload,
    oursMs,
    peer: peer ? "node-web-audio-api" : null,
    peerMs: peer ? median(times.map((t) => t.peer)) : null,
    ratio: peer ? median(times.map((t) => t.ours / t.peer)) : null,
    detail: detail(oursMs),
  };
}

const source = programme(frames);
const output: [Float32Array, Float32Array] = [new Float32Array(frames), new Float32Array(frames)];
const peers = flags.peers ? await import("./web-audio.ts") : undefined;
const [runW1, runW5] = [await gainstage.w1(), await gainstage.w5()];

const nodeBlocks = CHAINS * GAINS_PER_CHAIN * (frames / BLOCK_FRAMES);
const results = [
  await measure(
    "W1  8-band EQ, compressor, gain, pan",
    () => runW1(source, output),
    peers && (() => peers.w1(source)),
    (ms) => `${((ms * 1e6) / frames).toFixed(1)} ns per frame`,
  ),
  await measure(
    "W5  1000 gains in blocks of 128",
    () => runW5(source, output),
    peers && (() => peers.w5(source)),
    (ms) => `${((ms * 1e6) / nodeBlocks).toFixed(1)} ns per node and block`,
  ),
];

if (flags.json) {
  process.stdout.write(`${JSON.stringify({ seconds, rounds, results })}\n`);
} else {
  process.stdout.write(`\n${seconds} s of stereo at 48 kHz, medians of ${rounds} rounds taken in turn\n`);
  for (const { workload, oursMs, peer, peerMs, ratio, detail } of results) {
    const against =
      peer && peerMs !== null && ratio !== null
        ? `${peer} ${(peerMs / 1000).toFixed(3)} s, ratio ${ratio.toFixed(3)}`
        : "no peer asked for";
    process.stdout.write(
      `${workload.padEnd(38)} ours ${(oursMs / 1000).toFixed(3)} s (${detail}); ${against}\n`,
    );
  }
}
