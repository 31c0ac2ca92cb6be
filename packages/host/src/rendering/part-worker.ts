/** The worker side of part-thread.ts: one part after the other. */
import { type MessagePort, parentPort } from "node:worker_threads";
import { Engine } from "@gainstage/graph";
import { SharedCallWatch } from "../running/call-watch.ts";
import { PluginRack } from "../running/plugin-rack.ts";
import { Rebuilds } from "../running/rebuilds.ts";
import { CrossingReader, CrossingWriter } from "./crossing-ring.ts";
import type { PartJob } from "./part-thread.ts";
import { RenderSources } from "./render-sources.ts";

const port = parentPort as MessagePort;
/** Activated a second time here, a plugin has said what it says on the thread that made the whole. */
const log = { emit: () => {} };

// What is thrown here ends the thread, and the render hears of it.
port.on("message", async (job: PartJob) => {
  await render(job);
  port.postMessage("free");
});

async function render(job: PartJob): Promise<void> {
  const watch = new SharedCallWatch(job.watched);
  const rack = await PluginRack.load({ ...job, watch, log }, job.part.nodes);
  const processors = rack.activate(job.part, job.setup);
  const sources = new RenderSources(job.sources, job.sourceFrames);
  const rebuilds = new Rebuilds(rack, job.notAgain);
  const engine = Engine.fromCompensated(job.module, job.part, {
    ...job.setup,
    processors,
    watch,
    hangs: job.hangs,
    onFault: (fault) => {
      rebuilds.failed(fault);
      job.faults.postMessage(fault);
    },
  });
  const { chunkFrames } = job.ring;
  const before = job.before.map((ring) => new CrossingReader(ring, job.thread));
  const behind = new CrossingWriter(job.ring);

  for (let chunk = 0; chunk * chunkFrames < job.mostFrames; chunk++) {
    if (!behind.waitForRoom(chunk) || !before.every((crossing) => crossing.waitFor(chunk))) break;
    for (let at = 0; at < chunkFrames; at += engine.maxFrames) {
      const frames = Math.min(engine.maxFrames, chunkFrames - at);
      for (const [id, channels] of engine.inputs)
        sources.feed(id, channels, chunk * chunkFrames + at, frames);
      for (const crossing of before) crossing.copyInto(engine.inputs, chunk, at, frames);
      engine.run(frames);
      rebuilds.install(engine);
      behind.write(engine.outputs, chunk, at, frames);
    }
    for (const crossing of before) crossing.release(chunk);
    behind.ready(chunk, engine.remainingFrames);
  }
  for (const { processor } of processors.values()) processor.dispose();
  job.faults.close();
}
