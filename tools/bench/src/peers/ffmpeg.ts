/** ffmpeg's filters: raw floats in, nothing out. The whole process is timed, and an empty pass beside it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Entrant, Outcome } from "../entrant.ts";
import { deinterleave, type Material } from "../material.ts";
import {
  type Band,
  COMPRESSOR,
  DRIVE_DB,
  dbToGain,
  EQ8,
  GAIN,
  LIMITER,
  PAN,
  SAMPLE_RATE_HZ,
  WIDTH,
  type WorkloadId,
} from "../workloads.ts";
import type { Peer } from "./peer.ts";
import { runProgram, versionOf } from "./program.ts";

const BIQUADS = { "low-shelf": "lowshelf", bell: "equalizer", "high-shelf": "highshelf" } as const;

const equalizer = EQ8.map(
  ({ type, frequencyHz, q, gainDb }: Band) => `${BIQUADS[type]}=f=${frequencyHz}:t=q:w=${q}:g=${gainDb}`,
);
const compressor = [
  `acompressor=threshold=${dbToGain(COMPRESSOR.thresholdDb)}:ratio=${COMPRESSOR.ratio}`,
  `knee=${dbToGain(COMPRESSOR.kneeDb)}:attack=${COMPRESSOR.attackMs}:release=${COMPRESSOR.releaseMs}`,
  `makeup=${dbToGain(COMPRESSOR.makeupDb)}:link=maximum:detection=peak`,
].join(":");
const { ceilingDbtp, lookaheadMs, releaseMs } = LIMITER;
/** The limiter hears the wave between the samples where it runs on four times as many. */
const limiter = [
  `aresample=${4 * SAMPLE_RATE_HZ}`,
  `alimiter=level_in=${dbToGain(DRIVE_DB)}:limit=${dbToGain(ceilingDbtp)}:attack=${lookaheadMs}:release=${releaseMs}:level=0`,
  `aresample=${SAMPLE_RATE_HZ}`,
];

const CHAINS: Readonly<Partial<Record<WorkloadId, readonly string[]>>> = {
  W1: [...equalizer, compressor, `volume=${GAIN}:precision=float`, `stereotools=balance_out=${PAN}`],
  W2: [...equalizer, compressor, `stereotools=slev=${WIDTH}`, ...limiter, "ebur128=framelog=verbose"],
  W4: ["ebur128=peak=true:framelog=verbose"],
};

export const ffmpeg: Peer = {
  name: "ffmpeg",
  workloads: ["W1", "W2", "W4"],
  install: "apt-get install ffmpeg",
  version: () => versionOf("ffmpeg", "-version"),
  enter: async (workload, material: Material): Promise<Entrant> => {
    const filters = CHAINS[workload]!.join(",");
    return {
      name: ffmpeg.name,
      run: async () => (await pass(material, filters, NOWHERE)).seconds,
      firstRun: async () => {
        const output = join(material.folder, "ffmpeg.f32");
        const { stderr, seconds } = await pass(material, filters, ["-f", "f32le", "-y", output]);
        return { outcome: outcomeOf(workload, stderr, output), seconds };
      },
    };
  },
};

/** Seconds that ffmpeg takes to do nothing with the source. */
export async function emptyPass(material: Material): Promise<number> {
  return (await pass(material, "anull", NOWHERE)).seconds;
}

const NOWHERE = ["-c:a", "pcm_f32le", "-f", "null", "-"];

function pass({ rawFile }: Material, filters: string, sink: readonly string[]) {
  const source = ["-f", "f32le", "-ar", String(SAMPLE_RATE_HZ), "-ac", "2", "-i", rawFile];
  return runProgram("ffmpeg", ["-hide_banner", "-nostats", ...source, "-af", filters, ...sink]);
}

function outcomeOf(workload: WorkloadId, report: string, output: string): Outcome {
  const figure = (pattern: RegExp) => Number(pattern.exec(report.slice(report.lastIndexOf("Summary:")))?.[1]);
  const integratedLufs = figure(/I:\s+(\S+) LUFS/);
  if (workload === "W4") return { integratedLufs, truePeakDbtp: figure(/Peak:\s+(\S+) dBFS/) };
  const channels = deinterleave(readFileSync(output));
  return workload === "W2" ? { channels, integratedLufs } : { channels };
}
