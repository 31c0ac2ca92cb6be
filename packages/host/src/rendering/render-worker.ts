/**
 * The thread on which renders are made, one job after the other: plugins are activated and run here, so that one that
 * does not return can be ended with its thread.
 */
import { type MessagePort, parentPort } from "node:worker_threads";
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
import { toPlainError } from "../running/error-crossing.ts";
import { withPluginLanes } from "../running/plugin-lanes.ts";
import { PluginRack } from "../running/plugin-rack.ts";
import { Rebuilds } from "../running/rebuilds.ts";
import { PartThread } from "./part-thread.ts";
import type { RenderJob, RenderMessage } from "./render-job.ts";
import type { NodeLatency } from "./render-request.ts";
import { RenderSources } from "./render-sources.ts";
import { Rendering, sourceFramesOf } from "./rendering.ts";
import { SoundRingWriter } from "./sound-ring.ts";
import { WholeSound } from "./whole-sound.ts";

const PART_SECONDS = 0.25;

const port = parentPort as MessagePort;
const tell = (message: RenderMessage) => port.postMessage(message);
const log = { emit: (_: "log", said: PluginLog) => tell({ kind: "log", said }) };

port.on("message", (job: RenderJob) => {
  tell({ kind: "taken" });
  const begun: Begun = { threads: [], processors: [] };
  render(job, begun)
    .then(tell, (error: unknown) => tell({ kind: "failed", error: toPlainError(error) }))
    // Nobody waits for what plugins do at their end: one that does not return there keeps this thread, and nothing else.
    .then(() => letGo(begun))
    .then(() => tell({ kind: "free" }));
});

/** What is to be let go of after a render, however it ended. */
interface Begun {
  readonly threads: PartThread[];
  processors: readonly ProcessorNode[];
}

async function letGo({ threads, processors }: Begun): Promise<void> {
  await Promise.all(threads.map((thread) => thread.stop()));
  for (const { processor } of processors) processor.dispose();
}

async function render(job: RenderJob, begun: Begun): Promise<RenderMessage> {
  const { request } = job;
  const maxFrames = request.blockFrames ?? 512;
  const setup = { sampleRateHz: request.sampleRateHz, maxFrames };
  const watch = new SharedCallWatch(job.watches[0]);
  const rack = await PluginRack.load({ ...job, watch, log }, request.graph.nodes);
  const processors = rack.activate(request.graph, setup);
  begun.processors = [...processors.values()];
  const { threads } = begun;
  const shapes = shapesOf(processors);
  const graph = withPluginLanes(request.graph, (node) => processors.get(node)?.manifest);
  validateGraph(graph, shapes);
  const whole = compensate(graph, shapes);
  const { join, parts } = partition(whole, shapes, request.jobs ?? 1, new Set(request.watch ?? []));
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
  for (const [k, part] of parts.entries()) {
    const feeding = { sources: request.sources, sourceFrames };
    const { codes, codeOf, hangs, notAgain, isolated } = job;
    const running = {
      part,
      codes,
      codeOf,
      hangs,
      notAgain,
      isolated,
      setup,
      chunkFrames,
      watched: job.watches[k + 1],
    };
    threads.push(new PartThread({ ...running, ...feeding, module: job.engine }, toldFault));
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
