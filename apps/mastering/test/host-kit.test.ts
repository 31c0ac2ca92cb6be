/** The mastering chain keeps what plugins rely on: every chain of the kit as inserts of it, with nothing else in it. */
import { describeHost } from "@gainstage/conformance";
import { createHost } from "@gainstage/host";
import { chainGraph, INPUT, insertNode, loadPreset, OUTPUT } from "../src/index.ts";

describeHost("the mastering chain", () => ({
  shape: "chain",
  async render(request) {
    const { nodes, input } = request;
    const host = createHost({ pluginFolders: [request.pluginsFolder], trustModules: true });
    const inserts = nodes.map(({ plugin, params = {} }) => ({ plugin, params }));
    const settings = { preset: loadPreset("balanced"), inserts, levelDb: 0, driveDb: 0, ceilingDbtp: 0 };
    const { outputs, faults } = await host.renderer.render({
      graph: chainGraph(host, settings, 2, ["inserts"]),
      sampleRateHz: request.sampleRateHz,
      frames: request.frames,
      blockFrames: request.blockFrames,
      jobs: request.threads,
      hangSeconds: request.hangSeconds,
      sources: new Map([[INPUT, input]]),
    });
    const idOf = new Map(nodes.map(({ id }, i) => [insertNode(i), id]));
    return {
      buses: new Map(request.buses.map(({ id }) => [id, outputs.get(OUTPUT)!])),
      faults: faults.map(({ node, code }) => ({ node: idOf.get(node) ?? node, code })),
    };
  },
}));
