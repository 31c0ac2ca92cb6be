/** Renders a session: builds its graph, runs it, and leaves the headroom that the master asks for. */
import type { ChannelCount, GraphDescription, RuntimeFault } from "@gainstage/graph";
import {
  type CatalogEntry,
  checkParams,
  type Host,
  type NodeLatency,
  type Placeholder,
  renamedParams,
} from "@gainstage/host";
import { manifestOfCard, PluginFault } from "@gainstage/plugin-api";
import type { Insert, Session, Strip } from "@gainstage/session";
import { BUILDER_VERSION, mixGraph, OUTPUT, sourceNode } from "./mix-graph.ts";

export interface MixRequest {
  readonly session: Session;
  /** By strip id, [channel], at the session's rate. For several jobs, on shared memory. */
  readonly stems: ReadonlyMap<string, readonly Float32Array[]>;
  readonly jobs?: number;
  readonly blockFrames?: number;
  /** Seconds of the song: from, to. Default all of it and what rings on after it. */
  readonly rangeSeconds?: readonly [number, number];
  /** Insert nodes ("strip/insert") whose meters are told. */
  readonly watch?: readonly string[];
  /** How long a call of a plugin may take before it is left out. Default 5. */
  readonly hangSeconds?: number;
  readonly signal?: AbortSignal;
}

export interface Mix {
  readonly sampleRateHz: number;
  /** Left and right. */
  readonly channels: readonly Float32Array[];
  readonly frames: number;
  readonly graph: GraphDescription;
  readonly latencyFrames: number;
  /** What the whole mix was turned down by to keep the master's headroom; 0 or below. */
  readonly headroomTrimDb: number;
  readonly faults: readonly RuntimeFault[];
  /** Inserts whose plugin could not be had, and in whose place their input was heard. */
  readonly placeholders: readonly Placeholder[];
  /** By node id. */
  readonly latencies: ReadonlyMap<string, NodeLatency>;
}

/** Throws what OfflineRenderer.render() throws, and a RangeError for a strip without a stem. */
export async function renderMix(host: Host, request: MixRequest): Promise<Mix> {
  const { session, stems } = request;
  const graph = graphOf(host, session, stems);
  const { sampleRateHz } = session;
  const longest = Math.max(0, ...[...stems.values()].map(([first]) => first.length));
  const songFrames = Math.round((session.lengthSeconds ?? longest / sampleRateHz) * sampleRateHz);
  const [from, to] = (request.rangeSeconds ?? [0, Number.POSITIVE_INFINITY]).map((s) => s * sampleRateHz);
  const end = Math.min(songFrames, Math.round(to));
  if (request.rangeSeconds && from >= songFrames) {
    throw new RangeError(
      `the range begins at ${from / sampleRateHz} s, and the song ends at ${(songFrames / sampleRateHz).toFixed(2)} s`,
    );
  }
  const rendered = await host.renderer.render({
    graph,
    sampleRateHz,
    frames: end,
    sourceFrames: songFrames,
    sources: new Map([...stems].map(([strip, channels]) => [sourceNode(strip), channels])),
    tail: request.rangeSeconds ? "none" : "auto",
    missing: "placeholder",
    ...(request.jobs !== undefined && { jobs: request.jobs }),
    ...(request.blockFrames !== undefined && { blockFrames: request.blockFrames }),
    ...(request.watch && { watch: request.watch }),
    ...(request.hangSeconds !== undefined && { hangSeconds: request.hangSeconds }),
    ...(request.signal && { signal: request.signal }),
  });
  const start = Math.min(end, Math.round(from));
  const channels = rendered.outputs.get(OUTPUT)!.map((channel) => channel.subarray(start));
  const headroomTrimDb = leaveHeadroom(channels, session.master.peakDbfs);
  return {
    sampleRateHz,
    channels,
    frames: rendered.frames - start,
    graph,
    latencyFrames: rendered.latencyFrames,
    headroomTrimDb,
    faults: rendered.faults,
    placeholders: rendered.placeholders,
    latencies: rendered.latencies,
  };
}

/** The session's graph for these stems, with parameters checked against the plugins' manifests. */
export function graphOf(
  host: Host,
  session: Session,
  stems: ReadonlyMap<string, readonly Float32Array[]>,
): GraphDescription {
  return mixGraph(session, {
    plugin: (insert) => entryOf(host, insert)?.manifest.id ?? insert.plugin,
    paramId: (insert, id) => Object.keys(renamedParams(entryOf(host, insert) ?? NOBODY, { [id]: 0 }))[0],
    params: (insert) => {
      const entry = entryOf(host, insert);
      if (entry) return checkParams(entry.manifest, renamedParams(entry, insert.params));
      return insert.card
        ? checkParams(manifestOfCard(insert.plugin, insert.card), insert.params)
        : numbersOf(insert.params);
    },
    sidechainPort: (insert) => {
      const { plugin, card } = insert;
      const manifest = entryOf(host, insert)?.manifest ?? (card && manifestOfCard(plugin, card));
      if (!manifest) return "sidechain";
      const port = manifest.inputs.find((p) => p.role === "sidechain");
      if (!port) throw new RangeError(`${insert.plugin} has no sidechain, insert "${insert.id}" feeds one`);
      return port.id;
    },
    sourceChannels: (strip: Strip) => {
      const stem = stems.get(strip.id);
      if (!stem) throw new RangeError(`strip "${strip.name}" has no stem`);
      return Math.min(2, stem.length) as ChannelCount;
    },
  });
}

const NOBODY = { standsInFor: undefined };

/** What plays an insert; undefined where nothing can. */
export function entryOf(host: Host, { plugin, version }: Insert): CatalogEntry | undefined {
  try {
    return host.catalog.find(plugin, version === undefined ? undefined : `^${version}`);
  } catch (error) {
    if (error instanceof PluginFault) return undefined;
    throw error;
  }
}

/** A placeholder has no choices to look ids up in. */
function numbersOf(params: Insert["params"]): Record<string, number> {
  return Object.fromEntries(
    Object.entries(params).filter((entry): entry is [string, number] => typeof entry[1] === "number"),
  );
}

/** The session with the graph it gives, for those who have no builder. */
export function withDerivedGraph(session: Session, graph: GraphDescription): Session {
  const derived = {
    builder: "gainstage-mixer",
    builderVersion: BUILDER_VERSION,
    graph: structuredClone(graph),
  };
  return { ...session, derived: derived as unknown as NonNullable<Session["derived"]> };
}

/** Turns the whole down, in place, if a sample is above `peakDbfs`. Returns the change in dB. */
function leaveHeadroom(channels: readonly Float32Array[], peakDbfs: number | null): number {
  if (peakDbfs === null) return 0;
  let peak = 0;
  for (const channel of channels) for (const sample of channel) peak = Math.max(peak, Math.abs(sample));
  const allowed = 10 ** (peakDbfs / 20);
  if (peak <= allowed) return 0;
  // Down to a step of 2^-20: no engine's own way to round a power shows, and no sample is lifted above by f32.
  const gain = Math.floor((allowed / peak) * 2 ** 20) / 2 ** 20;
  for (const channel of channels) for (let i = 0; i < channel.length; i++) channel[i] *= gain;
  return 20 * Math.log10(gain);
}
