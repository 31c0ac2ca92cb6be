/** sox: W1 approximately, as its equalizer, compand and remix come nearest. The whole process is timed. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Entrant } from "../entrant.ts";
import { deinterleave, type Material } from "../material.ts";
import { type Band, COMPRESSOR, EQ8, GAIN, PAN, SAMPLE_RATE_HZ } from "../workloads.ts";
import type { Peer } from "./peer.ts";
import { runProgram, versionOf } from "./program.ts";

const raw = ["-t", "raw", "-e", "floating-point", "-b", "32", "-r", String(SAMPLE_RATE_HZ), "-c", "2"];

const FILTERS: Readonly<Record<Band["type"], (band: Band) => readonly (string | number)[]>> = {
  "low-shelf": ({ frequencyHz, q, gainDb }) => ["bass", gainDb, frequencyHz, `${q}q`],
  bell: ({ frequencyHz, q, gainDb }) => ["equalizer", frequencyHz, `${q}q`, gainDb],
  "high-shelf": ({ frequencyHz, q, gainDb }) => ["treble", gainDb, frequencyHz, `${q}q`],
};

const { attackMs, releaseMs, kneeDb, thresholdDb, ratio, makeupDb } = COMPRESSOR;
const atFullScale = thresholdDb - thresholdDb / ratio;
const effects = [
  // Its samples are whole numbers: without room for what the bands add they would be cut off.
  ...["gain", -12],
  ...EQ8.flatMap((band) => FILTERS[band.type](band)),
  ...[
    "compand",
    `${attackMs / 1000},${releaseMs / 1000}`,
    `${kneeDb}:${thresholdDb - 12},${thresholdDb - 12},-12,${atFullScale - 12}`,
  ],
  ...["gain", makeupDb, "vol", GAIN, "remix", `1v${1 - PAN}`, "2", "gain", 12],
].map(String);

export const sox: Peer = {
  name: "sox",
  workloads: ["W1"],
  install: "apt-get install sox",
  version: () => versionOf("sox", "--version"),
  enter: async (_, { rawFile, folder }: Material): Promise<Entrant> => {
    const pass = (...sink: readonly string[]) =>
      runProgram("sox", ["-V1", ...raw, rawFile, ...sink, ...effects]);
    return {
      name: sox.name,
      run: async () => (await pass("-n")).seconds,
      firstRun: async () => {
        const output = join(folder, "sox.f32");
        const { seconds } = await pass(...raw, output);
        return { outcome: { channels: deinterleave(readFileSync(output)) }, seconds };
      },
    };
  },
};
