/** Makes one render on the thread of render-worker.ts: a graph and its plugins split, activated and run to the end. */
import {
  compensate,
  Engine,
  type ProcessorNode,
  partition,
  type RuntimeFault,
  shapesOf,
  validateGraph,
} from "@gainstage/graph";
import type { PluginLog } from "../loading/host-extensions.ts";
import { SharedCallWatch } from "../running/call-watch.ts";
import { withPluginLanes } from "../running/plugin-lanes.ts";
import { PluginRack } from "../running/plugin-rack.ts";
import { Rebuilds } from "../running/rebuilds.ts";
import { crossingRings, reads } from "./crossing-ring.ts";
import type { PartThread } from "./part-thread.ts";
import type { RenderJob, RenderMessage } from "./render-job.ts";
import { blockFramesOf, type NodeLatency } from "./render-request.ts";
import { RenderSources } from "./render-sources.ts";
import { longestTailOf, Rendering, sourceFramesOf } from "./rendering.ts";
import { SoundRingWriter } from "./sound-ring.ts";
import { WholeSound } from "./whole-sound.ts";

const PART_SECONDS = 0.25;

/** What is to be let go of after a render, however it ended. */
export interface Begun {
  /** For its parts; there may be more than it has. */
  readonly threads: readonly PartThread[];
  processors: readonly ProcessorNode[];
}

/** Throws a GraphError or a PluginFault, and what sources do. */
export async function makeRender(
  job: RenderJob,
  begun: Begun,
  tell: (message: RenderMessage) => void,
): Promise<RenderMessage> {
  const log = { emit: (_: "log", said: PluginLog) => tell({ kind: "log", said }) };
  const { request } = job;
  const maxFrames = blockFramesOf(request);
  const setup = { sampleRateHz: request.sampleRateHz, maxFrames };
  const watch = new SharedCallWatch(job.watches[0]);
  const rack = await PluginRack.load({ ...job, watch, log }, request.graph.nodes);
  const processors = rack.activate(request.graph, setup);
  begun.processors = [...processors.values()];
  const shapes = shapesOf(processors);
  const graph = withPluginLanes(request.graph, (node) => processors.get(node)?.manifest);
  validateGraph(graph, shapes);
  const whole = compensate(graph, shapes);
  const { join, parts } = partition(whole, shapes, begun.threads.length, new Set(request.watch ?? []));
  for (const [thread, part] of [join, ...parts].entries()) {
    tell({ kind: "plan", thread, nodes: part.nodes.filter((n) => n.kind === "plugin").map((n) => n.id) });
  }

  const rebuilds = new Rebuilds(rack, job.notAgain);
  const toldFault = (fault: RuntimeFault) => tell({ kind: "fault", fault });
  const onFault = (fault: RuntimeFault) => {
    rebuilds.failed(fault);
    toldFault(fault);
  };
  const engine = Engine.fromCompensated(job.engine, join, {
    ...setup,
    processors,
    onFault,
    watch,
    hangs: job.hangs,
  });
  const chunkFrames = Math.max(1, Math.ceil((PART_SECONDS * request.sampleRateHz) / maxFrames)) * maxFrames;
  const sourceFrames = sourceFramesOf(request);
  const rings = crossingRings(parts, chunkFrames);
  const threads = begun.threads.slice(0, parts.length);
  const { codes, codeOf, hangs, notAgain, isolated } = job;
  const mostFrames =
    (request.frames ?? request.mostFrames ?? Number.POSITIVE_INFINITY) +
    longestTailOf(request) +
    whole.latencyFrames;
  for (const [k, part] of parts.entries()) {
    const played = new Set(part.nodes.map(({ id }) => id));
    const work = {
      part,
      codes,
      codeOf,
      hangs,
      notAgain,
      isolated,
      watched: job.watches[k + 1],
      setup,
      mostFrames,
      sources: new Map([...request.sources].filter(([input]) => played.has(input))),
      sourceFrames,
      module: job.engine,
      ring: rings[k],
      before: rings.slice(0, k).filter(({ outputs }) => reads(part, outputs)),
      thread: k,
    };
    threads[k].begin(work, parts.length, toldFault);
  }
  const played = new Set([join, ...parts].flatMap((part) => part.nodes.map((node) => node.id)));
  const sources = new RenderSources(request.sources, sourceFrames, (input) => played.has(input));
  const sound =
    request.wholeFrames !== undefined
      ? new WholeSound(engine.outputs, request.wholeFrames, chunkFrames)
      : new SoundRingWriter(engine.outputs, chunkFrames, (frames) => tell({ kind: "sound", frames }));
  if (sound instanceof SoundRingWriter) tell({ kind: "outputs", ring: sound.ring });
  const rendering = new Rendering(request, engine, sources, sound, threads, chunkFrames, {
    progress: (progress) => tell({ kind: "progress", ...progress }),
    meters: (readings) => {
      if (readings.length > 0) tell({ kind: "meters", readings });
    },
    betweenBlocks: () => rebuilds.install(engine),
  });
  const latencies = new Map(
    [...whole.inLatencyFrames].map(([id, inFrames]): [string, NodeLatency] => [
      id,
      { inFrames, ownFrames: shapes.get(id)?.latencyFrames ?? 0 },
    ]),
  );
  const made = await rendering.run();
  const outputs = sound instanceof WholeSound ? sound.outputs : new Map();
  return { kind: "done", rendered: { ...made, latencies, outputs } };
}
