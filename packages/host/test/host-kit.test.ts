/** The offline renderer keeps what plugins rely on, and contains those that break their word. */
import { describeHost, type HostRequest } from "@gainstage/conformance";
import type { AutomationLane, GraphDescription } from "@gainstage/graph";
import { createHost, sharedChannel } from "../src/index.ts";

describeHost("the offline renderer", () => ({
  async render(request) {
    const host = createHost({ pluginFolders: [request.pluginsFolder], trustModules: true });
    const { outputs, faults } = await host.renderer.render({
      graph: graphOf(request),
      sampleRateHz: request.sampleRateHz,
      frames: request.frames,
      blockFrames: request.blockFrames,
      jobs: request.threads,
      hangSeconds: request.hangSeconds,
      sources: new Map([["input", request.input.map(shared)]]),
    });
    return { buses: outputs, faults };
  },
}));

/** Threads read it where it is. */
function shared(channel: Float32Array): Float32Array {
  const copy = sharedChannel(channel.length);
  copy.set(channel);
  return copy;
}

function graphOf({ nodes, buses, changes = [] }: HostRequest): GraphDescription {
  const edge = (from: string, to: string, port = "in") => ({
    from: { node: from, port: "out" },
    to: { node: to, port },
  });
  const inverted = buses.flatMap(({ id, from }) =>
    from.flatMap(({ node, invert }) => (invert ? [{ id, node }] : [])),
  );
  const turn = (bus: string, node: string) => `${node} turned over for ${bus}`;
  return {
    nodes: [
      { kind: "input", id: "input", channels: 2 },
      ...nodes.map(({ id, plugin, params = {}, state }) => ({
        kind: "plugin" as const,
        id,
        plugin,
        params,
        channels: 2 as const,
        ...(state ? { state } : {}),
      })),
      ...inverted.map(({ id, node }) => ({
        kind: "gain" as const,
        id: turn(id, node),
        channels: 2 as const,
        gainDb: 0,
        invert: true,
      })),
      ...buses.map(({ id }) => ({ kind: "output" as const, id, channels: 2 as const })),
    ],
    edges: [
      ...nodes.flatMap(({ id, from, key }) => [
        edge(from, id),
        ...(key === undefined ? [] : [edge(key, id, "key")]),
      ]),
      ...inverted.map(({ id, node }) => edge(node, turn(id, node))),
      ...buses.flatMap(({ id, from }) =>
        from.map(({ node, invert }) => edge(invert ? turn(id, node) : node, id)),
      ),
    ],
    lanes: lanesOf(changes),
  };
}

function lanesOf(changes: NonNullable<HostRequest["changes"]>): AutomationLane[] {
  const lanes = Map.groupBy(changes, ({ node, param }) => `${node} ${param}`);
  return [...lanes.values()].map((points) => ({
    node: points[0].node,
    param: points[0].param,
    points: points.map(({ frame, value }) => ({ frame, value, curve: "hold" })),
  }));
}
