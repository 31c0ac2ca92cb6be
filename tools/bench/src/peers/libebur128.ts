/** libebur128, the library behind most loudness tools. */
import type { Material } from "../material.ts";
import type { Peer } from "./peer.ts";
import { compiled, selfTimed, versionOf } from "./program.ts";

export const libebur128: Peer = {
  name: "libebur128",
  workloads: ["W4"],
  install: "apt-get install libebur128-dev pkg-config g++",
  version: () => versionOf("pkg-config", "--modversion", "libebur128"),
  enter: async (_, material: Material) => {
    const source = new URL("libebur128-measure.cpp", import.meta.url);
    const program = await compiled(source, material, "-lebur128");
    return selfTimed(libebur128.name, program, material, false);
  },
};
