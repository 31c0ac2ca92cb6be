/** How a render's cost grows with tracks, with plugins per track and with its length: evenly, if all is well. */
import type { GraphDescription, GraphEdge, GraphNode } from "@gainstage/graph";
import type { Host } from "@gainstage/host";
import { programme } from "../material.ts";
import { equalizerParams } from "../ours/graphs.ts";
import { prepared } from "../ours/one-core.ts";
import { COMPRESSOR, EQ4, SAMPLE_RATE_HZ } from "../workloads.ts";
import { inTurn } from "./repeated.ts";

const BLOCK_FRAMES = 512;

export interface Growth {
  readonly tracks: number;
  readonly pluginsPerTrack: number;
  readonly seconds: number;
  /** Of the whole graph. */
  readonly nsPerFrame: number;
  /** By plugin: what should stay the same. */
  readonly nsPerFrameAndPlugin: number;
}

interface Session {
  readonly tracks: number;
  readonly pluginsPerTrack: number;
  readonly seconds: number;
}

const USUAL: Session = { tracks: 8, pluginsPerTrack: 2, seconds: 1 };

const SESSIONS: readonly Session[] = [
  ...[1, 2, 4, 8, 16, 32, 64, 128].map((tracks) => ({ ...USUAL, tracks })),
  ...[1, 2, 4, 8, 16].map((pluginsPerTrack) => ({ ...USUAL, pluginsPerTrack })),
  ...[1, 2, 4, 8, 16].map((seconds) => ({ ...USUAL, seconds })),
];

export async function growth(
  host: Host,
  rounds: number,
  told: (session: Session) => void,
): Promise<readonly Growth[]> {
  const results: Growth[] = [];
  for (const session of SESSIONS) {
    told(session);
    const frames = session.seconds * SAMPLE_RATE_HZ;
    const source = programme(frames);
    const output = [new Float32Array(frames), new Float32Array(frames)] as const;
    const { render } = await prepared(host, tracksOf(host, session), BLOCK_FRAMES);
    const sources = new Map(Array.from({ length: session.tracks }, (_, t) => [`track${t}`, source]));
    const [nanoseconds] = inTurn([() => render(sources, output)], rounds);
    const nsPerFrame = nanoseconds / frames;
    results.push({
      ...session,
      nsPerFrame,
      nsPerFrameAndPlugin: nsPerFrame / (session.tracks * session.pluginsPerTrack),
    });
  }
  return results;
}

/** Tracks with compressors and equalizers of four bands in turn, summed. */
function tracksOf({ catalog }: Host, { tracks, pluginsPerTrack }: Session): GraphDescription {
  const nodes: GraphNode[] = [{ kind: "sum", id: "sum", channels: 2 }];
  const edges: GraphEdge[] = [];
  const connect = (from: string, to: string) =>
    edges.push({ from: { node: from, port: "out" }, to: { node: to, port: "in" } });
  const bands = equalizerParams(catalog, EQ4);
  for (let t = 0; t < tracks; t++) {
    nodes.push({ kind: "input", id: `track${t}`, channels: 2 });
    let at = `track${t}`;
    for (let p = 0; p < pluginsPerTrack; p++) {
      const id = `plugin${t}.${p}`;
      const [plugin, params] =
        p % 2 === 0 ? ["dev.gainstage.equalizer", bands] : ["dev.gainstage.compressor", COMPRESSOR];
      nodes.push({ kind: "plugin", id, plugin, params, channels: 2 });
      connect(at, id);
      at = id;
    }
    connect(at, "sum");
  }
  nodes.push({ kind: "output", id: "out", channels: 2 });
  connect("sum", "out");
  return { nodes, edges };
}
