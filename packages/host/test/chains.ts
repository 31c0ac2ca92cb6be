/** Graphs of one chain, an echo that rings on, and requests to render them. */
import type { GraphDescription, GraphNode } from "@gainstage/graph";
import { type RenderRequest, sharedChannel } from "../src/index.ts";

export const RATE_HZ = 48_000;
export const FRAMES = 30_000;
export const ECHO_FRAMES = 4800;

/** y[n] = x[n] + 0.5 y[n - 4800], until an echo is below 1e-6. */
export const ECHO = `
  const longest = 22 * ${ECHO_FRAMES};
  export default {
    activate({ inputs }) {
      const rings = Array.from({ length: inputs[0].channels }, () => new Float32Array(${ECHO_FRAMES}));
      let at = 0, silent = longest;
      return {
        latencyFrames: 0,
        tailFrames: longest,
        reset() {},
        process({ frames, inputs, outputs }) {
          for (let i = 0; i < frames; i++) {
            silent++;
            for (let c = 0; c < rings.length; c++) {
              const x = inputs[0][c][i];
              if (x !== 0) silent = 0;
              const y = x + 0.5 * rings[c][at];
              outputs[0][c][i] = rings[c][at] = Math.abs(y) < 1e-6 ? 0 : y;
            }
            at = (at + 1) % ${ECHO_FRAMES};
          }
          return Math.max(0, longest - silent);
        },
      };
    },
  };`;

export const edge = (from: string, to: string) => ({
  from: { node: from, port: "out" },
  to: { node: to, port: "in" },
});
/** in ─▶ … ─▶ out, with stereo ends. */
export function chain(...nodes: GraphNode[]): GraphDescription {
  const ids = ["in", ...nodes.map((node) => node.id), "out"];
  return {
    nodes: [{ kind: "input", id: "in", channels: 2 }, ...nodes, { kind: "output", id: "out", channels: 2 }],
    edges: ids.slice(1).map((id, i) => edge(ids[i], id)),
  };
}
export const gain: GraphNode = { kind: "gain", id: "gain", channels: 2, gainDb: 0 };
export const delay = (delayFrames: number): GraphNode => ({
  kind: "delay",
  id: "delay",
  channels: 2,
  delayFrames,
});
type PluginNode = Extract<GraphNode, { kind: "plugin" }>;

export const echoNode: PluginNode = {
  kind: "plugin",
  id: "echo",
  plugin: "com.example.echo",
  channels: 2,
  params: {},
};
export const lookahead: PluginNode = {
  kind: "plugin",
  id: "comp",
  plugin: "dev.gainstage.compressor",
  channels: 2,
  params: { lookaheadMs: 5, ratio: 1 },
};

export function impulseAt(frame: number, frames = FRAMES): Float32Array {
  const channel = sharedChannel(frames);
  channel[frame] = 1;
  return channel;
}

export const request = (graph: GraphDescription, changes: Partial<RenderRequest> = {}): RenderRequest => ({
  graph,
  sampleRateHz: RATE_HZ,
  frames: FRAMES,
  sources: new Map([["in", [impulseAt(1234)]]]),
  ...changes,
});

/** The frames at which a channel is not silent. */
export const sounding = (channel: Float32Array) => [...channel.keys()].filter((i) => channel[i] !== 0);
