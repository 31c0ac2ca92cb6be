/** The worker side of part-thread.ts. */
import { workerData } from "node:worker_threads";
import { Engine } from "@gainstage/graph";
import { SharedCallWatch } from "../running/call-watch.ts";
import { PluginRack } from "../running/plugin-rack.ts";
import { Rebuilds } from "../running/rebuilds.ts";
import { type PartJob, READY, RELEASED, SLOTS, STOPPED } from "./part-thread.ts";
import { RenderSources } from "./render-sources.ts";

const job = workerData as PartJob;
const watch = new SharedCallWatch(job.watched);
/** Activated a second time here, a plugin has said what it says on the thread that made the whole. */
const log = { emit: () => {} };
const rack = await PluginRack.load({ ...job, watch, log }, job.part.nodes);
const sources = new RenderSources(job.sources, job.sourceFrames);
const rebuilds = new Rebuilds(rack, job.notAgain);
const engine = Engine.fromCompensated(job.module, job.part, {
  ...job.setup,
  processors: rack.activate(job.part, job.setup),
  watch,
  hangs: job.hangs,
  onFault: (fault) => {
    rebuilds.failed(fault);
    job.faults.postMessage(fault);
  },
});

for (let chunk = 0; Atomics.load(job.clock, STOPPED) === 0; chunk++) {
  renderChunk(chunk);
  job.remaining[chunk % SLOTS] = Math.min(engine.remainingFrames, 0x7fffffff);
  Atomics.store(job.clock, READY, chunk + 1);
  Atomics.notify(job.clock, READY);
  // Two slots: the next chunk overwrites the one before this one.
  for (;;) {
    const released = Atomics.load(job.clock, RELEASED);
    if (released > chunk + 1 - SLOTS || Atomics.load(job.clock, STOPPED) === 1) break;
    Atomics.wait(job.clock, RELEASED, released, 1000);
  }
}

function renderChunk(chunk: number): void {
  const slot = (chunk % SLOTS) * job.chunkFrames;
  for (let at = 0; at < job.chunkFrames; at += engine.maxFrames) {
    const frames = Math.min(engine.maxFrames, job.chunkFrames - at);
    for (const [id, channels] of engine.inputs) {
      sources.feed(id, channels, chunk * job.chunkFrames + at, frames);
    }
    engine.run(frames);
    rebuilds.install(engine);
    for (const [id, channels] of engine.outputs) {
      const targets = job.crossings.get(id)!;
      for (const [c, channel] of channels.entries()) targets[c].set(channel.subarray(0, frames), slot + at);
    }
  }
}
