/** W5 in C++ without any framework: not what anyone would pick, but what the machine can do. */
import type { Entrant } from "../entrant.ts";
import type { Material } from "../material.ts";
import type { Peer } from "./peer.ts";
import { compiled, selfTimed, versionOf } from "./program.ts";

export const native: Peer = {
  name: "C++ by hand",
  workloads: ["W5"],
  install: "apt-get install g++",
  version: async () => `g++ ${await versionOf("g++", "-dumpfullversion")}`,
  enter: async (_, material: Material): Promise<Entrant> => {
    const program = await compiled(new URL("native-gains.cpp", import.meta.url), material);
    return { ...selfTimed(native.name, program, material, true), isLimit: true };
  },
};
