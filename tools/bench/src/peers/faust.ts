/** Faust compiled to C++ with -vec and by g++ to native code: the fastest thing that a user can write W1 in. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Material } from "../material.ts";
import { type Band, COMPRESSOR, dbToGain, EQ8, GAIN, PAN } from "../workloads.ts";
import type { Peer } from "./peer.ts";
import { compiled, runProgram, selfTimed, versionOf } from "./program.ts";

const FILTERS = { "low-shelf": "lowShelf", bell: "bell", "high-shelf": "highShelf" } as const;
const folder = fileURLToPath(new URL(".", import.meta.url));

export const faust: Peer = {
  name: "Faust C++ -vec",
  workloads: ["W1"],
  install: "apt-get install faust g++",
  version: async () => {
    await versionOf("g++", "-dumpfullversion");
    return versionOf("faust", "--version");
  },
  enter: async (_, material: Material) => {
    const dsp = join(material.folder, "faust-w1.dsp");
    const code = join(material.folder, "faust-w1.cpp");
    writeFileSync(dsp, filledIn(readFileSync(join(folder, "faust-w1.dsp"), "utf8")));
    await runProgram("faust", [
      "-vec",
      "-lang",
      "cpp",
      "-a",
      join(folder, "faust-host.cpp"),
      dsp,
      "-o",
      code,
    ]);
    return selfTimed(faust.name, await compiled(code, material, "-I", folder), material, true);
  },
};

function filledIn(source: string): string {
  const band = ({ type, frequencyHz, q, gainDb }: Band) =>
    `${FILTERS[type]}(${frequencyHz}, ${q}, ${gainDb})`;
  const makeup = GAIN * dbToGain(COMPRESSOR.makeupDb);
  const values: Readonly<Record<string, number | string>> = {
    BANDS: EQ8.map(band).join(" : "),
    RATIO: COMPRESSOR.ratio,
    THRESHOLD_DB: COMPRESSOR.thresholdDb,
    ATTACK_S: COMPRESSOR.attackMs / 1000,
    RELEASE_S: COMPRESSOR.releaseMs / 1000,
    LEFT_GAIN: makeup * (1 - PAN),
    RIGHT_GAIN: makeup,
  };
  return source.replaceAll(
    /\b(BANDS|RATIO|THRESHOLD_DB|ATTACK_S|RELEASE_S|LEFT_GAIN|RIGHT_GAIN)\b/g,
    (name) => String(values[name]),
  );
}
