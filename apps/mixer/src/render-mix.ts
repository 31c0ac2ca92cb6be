/** Renders a session: builds its graph, runs it, and leaves the headroom that the master asks for. */
import type { ChannelCount, GraphDescription, RuntimeFault } from "@gainstage/graph";
import {
  type CatalogEntry,
  checkParams,
  type Host,
  type NodeLatency,
  type Placeholder,
  type RenderOutcome,
  type RenderRequest,
  type RenderSource,
  renamedParams,
} from "@gainstage/host";
import { manifestOfCard, PluginFault } from "@gainstage/plugin-api";
import type { Insert, Session, Strip } from "@gainstage/session";
import { Headroom } from "./headroom.ts";
import { BUILDER_VERSION, mixGraph, OUTPUT, sourceNode } from "./mix-graph.ts";

/** By strip id, at the session's rate. Whole ones, for several jobs, on shared memory. */
export type Stems = ReadonlyMap<string, RenderSource>;

export interface MixRequest {
  readonly session: Session;
  readonly stems: Stems;
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

/** A mix but for its sound. */
export interface MixOutcome {
  readonly sampleRateHz: number;
  readonly frames: number;
  readonly graph: GraphDescription;
  readonly latencyFrames: number;
  /** What the whole mix is turned down by to keep the master's headroom; 0 or below. */
  readonly headroomTrimDb: number;
  readonly faults: readonly RuntimeFault[];
  /** Inserts whose plugin could not be had, and in whose place their input was heard. */
  readonly placeholders: readonly Placeholder[];
  /** By node id. */
  readonly latencies: ReadonlyMap<string, NodeLatency>;
}

export interface Mix extends MixOutcome {
  /** Left and right. */
  readonly channels: readonly Float32Array[];
}

/** A mix that was handed over before it was known how loud it becomes. */
export interface UntrimmedMix extends MixOutcome {
  /** Turns a part of it down, in place, by `headroomTrimDb`. */
  trim(channels: readonly Float32Array[]): void;
}

/** Throws what OfflineRenderer.render() throws, and a RangeError for a strip without a stem. */
export async function renderMix(host: Host, request: MixRequest): Promise<Mix> {
  const asked = renderRequestOf(host, request);
  const rendered = await host.renderer.render(asked);
  refuseShortSong(request, asked, rendered.frames);
  const start = startOf(request, rendered.frames);
  const channels = rendered.outputs.get(OUTPUT)!.map((channel) => channel.subarray(start));
  const headroom = new Headroom(request.session.master.peakDbfs);
  headroom.hear(channels);
  headroom.trim(channels);
  return { ...outcomeOf(request, asked.graph, rendered, headroom), channels };
}

/**
 * As renderMix(), but hands left and right over as they are made, in order. What is handed over has not been turned down
 * for headroom yet: that is known at the end. Throws what renderMix() does, and what `write` does.
 */
export async function renderMixTo(
  host: Host,
  request: MixRequest,
  write: (channels: readonly Float32Array[]) => void | Promise<void>,
): Promise<UntrimmedMix> {
  const asked = renderRequestOf(host, request);
  const headroom = new Headroom(request.session.master.peakDbfs);
  const { sampleRateHz } = request.session;
  const start = Math.round((request.rangeSeconds?.[0] ?? 0) * sampleRateHz);
  let at = 0;
  const rendered = await host.renderer.renderTo(asked, async (outputs, frames) => {
    const skip = Math.min(frames, Math.max(0, start - at));
    at += frames;
    if (skip === frames) return;
    const channels = outputs.get(OUTPUT)!.map((channel) => channel.subarray(skip));
    headroom.hear(channels);
    await write(channels);
  });
  refuseShortSong(request, asked, rendered.frames);
  return {
    ...outcomeOf(request, asked.graph, rendered, headroom),
    trim: (channels) => headroom.trim(channels),
  };
}

type MixRender = RenderRequest & { readonly graph: GraphDescription };

function renderRequestOf(host: Host, request: MixRequest): MixRender {
  const { session, stems, jobs, blockFrames, watch, hangSeconds, signal } = request;
  const { sampleRateHz } = session;
  const songFrames = songFramesOf(session, stems);
  const [from, to] = (request.rangeSeconds ?? [0, Number.POSITIVE_INFINITY]).map((s) => s * sampleRateHz);
  if (request.rangeSeconds && songFrames !== undefined) refuseLateRange(from, songFrames, sampleRateHz);
  return {
    graph: graphOf(host, session, stems),
    sampleRateHz,
    ...(songFrames === undefined
      ? { mostFrames: Math.round(to) }
      : { frames: Math.min(songFrames, Math.round(to)), sourceFrames: songFrames }),
    sources: new Map([...stems].map(([strip, source]) => [sourceNode(strip), source])),
    tail: request.rangeSeconds ? "none" : "auto",
    missing: "placeholder",
    ...(jobs !== undefined && { jobs }),
    ...(blockFrames !== undefined && { blockFrames }),
    ...(watch && { watch }),
    ...(hangSeconds !== undefined && { hangSeconds }),
    ...(signal && { signal }),
  };
}

/** Undefined where only reading the stems to their ends tells. */
function songFramesOf({ lengthSeconds, sampleRateHz }: Session, stems: Stems): number | undefined {
  if (lengthSeconds !== undefined) return Math.round(lengthSeconds * sampleRateHz);
  let longest = 0;
  for (const stem of stems.values()) {
    const frames = "open" in stem ? stem.frames : stem[0].length;
    if (frames === undefined) return undefined;
    longest = Math.max(longest, frames);
  }
  return longest;
}

function refuseLateRange(from: number, songFrames: number, sampleRateHz: number): void {
  if (from < songFrames) return;
  throw new RangeError(
    `the range begins at ${from / sampleRateHz} s, and the song ends at ${(songFrames / sampleRateHz).toFixed(2)} s`,
  );
}

/** As refuseLateRange(), for a song whose length only its render has told. */
function refuseShortSong(
  { rangeSeconds, session: { sampleRateHz } }: MixRequest,
  { mostFrames = 0 }: RenderRequest,
  frames: number,
): void {
  if (rangeSeconds && frames < mostFrames)
    refuseLateRange(rangeSeconds[0] * sampleRateHz, frames, sampleRateHz);
}

/** The frame of the render at which the mix begins. */
function startOf({ rangeSeconds, session }: MixRequest, rendered: number): number {
  return Math.min(rendered, Math.round((rangeSeconds?.[0] ?? 0) * session.sampleRateHz));
}

function outcomeOf(
  request: MixRequest,
  graph: GraphDescription,
  { frames, latencyFrames, faults, placeholders, latencies }: RenderOutcome,
  headroom: Headroom,
): MixOutcome {
  const { sampleRateHz } = request.session;
  return {
    sampleRateHz,
    frames: frames - startOf(request, frames),
    graph,
    latencyFrames,
    headroomTrimDb: headroom.trimDb,
    faults,
    placeholders,
    latencies,
  };
}

/** The session's graph for these stems, with parameters checked against the plugins' manifests. */
export function graphOf(host: Host, session: Session, stems: Stems): GraphDescription {
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
      return Math.min(2, "open" in stem ? stem.channels : stem.length) as ChannelCount;
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
