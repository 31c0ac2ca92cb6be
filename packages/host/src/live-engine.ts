/**
 * A song as it is played: block after block of the sources through a graph that may be swapped for another meanwhile.
 *
 * It runs in the AudioWorklet and knows nothing of it. The latency is run through before the first block is heard, so
 * that the song's first frame is the first that sounds, and so that the same samples come out as from a render.
 */
import { type Engine, type GraphDescription, type RuntimeFault, SwappableEngine } from "@gainstage/graph";
import { SharedCallWatch } from "./call-watch.ts";
import { toPlainError } from "./error-crossing.ts";
import type { PluginLog } from "./host-extensions.ts";
import type { LiveJob, LiveMessage } from "./live-messages.ts";
import { feed } from "./rendering.ts";
import { type Program, RunningGraph, type RunningSetup } from "./running-graph.ts";

const REPORT_SECONDS = 0.05;

/** A graph on its way to be heard, and the swap that it is. */
interface Swap {
  readonly id: number;
  readonly running: RunningGraph;
}

export class LiveEngine {
  readonly #job: LiveJob;
  readonly #setup: RunningSetup;
  readonly #tell: (message: LiveMessage) => void;
  readonly #engine: SwappableEngine;
  readonly #swaps = new Map<Engine, Swap>();
  readonly #retired: RunningGraph[] = [];
  readonly #output: readonly Float32Array[];
  readonly #inputs: readonly (readonly [readonly Float32Array[], readonly Float32Array[]])[];
  readonly #peaks: number[];
  readonly #reportFrames: number;
  #sinceReport = 0;
  #delayFrames: number;
  /** Frames fed so far; what is heard is behind by the latency. */
  #fed = 0;
  /** The frame up to which something certainly sounds, before the latency. */
  #sounding: number;
  #isOver = false;

  /** [control] Blocks have up to `maxFrames` frames. Throws what RunningGraph.start() throws, or a RangeError. */
  static async create(
    job: LiveJob,
    maxFrames: number,
    tell: (message: LiveMessage) => void,
  ): Promise<LiveEngine> {
    const setup: RunningSetup = {
      engine: job.engine,
      sampleRateHz: job.sampleRateHz,
      maxFrames,
      mode: "realtime",
      watch: new SharedCallWatch(job.watched),
      log: { emit: (_: "log", said: PluginLog) => tell({ kind: "log", said }) },
      onFault: (fault: RuntimeFault) => tell({ kind: "fault", fault }),
    };
    const running = await RunningGraph.start(job.program, setup);
    if (!running.engine.outputs.has(job.output)) {
      running.dispose();
      throw new RangeError(`the graph has no output "${job.output}"`);
    }
    return new LiveEngine(job, setup, running, tell);
  }

  private constructor(
    job: LiveJob,
    setup: RunningSetup,
    running: RunningGraph,
    tell: (message: LiveMessage) => void,
  ) {
    this.#job = job;
    this.#setup = setup;
    this.#tell = tell;
    this.#engine = new SwappableEngine(running.engine, {
      sampleRateHz: job.sampleRateHz,
      latencyFrames: job.latencyFrames,
      onSwapped: (engine) => this.#swapped(engine),
      onRetired: (engine) => this.#retire(engine),
    });
    this.#swaps.set(running.engine, { id: 0, running });
    this.#output = this.#engine.outputs.get(job.output)!;
    this.#inputs = [...this.#engine.inputs].flatMap(([id, channels]) => {
      const source = job.sources.get(id);
      return source ? [[channels, source] as const] : [];
    });
    this.#peaks = this.#output.map(() => 0);
    this.#reportFrames = Math.round(REPORT_SECONDS * job.sampleRateHz);
    this.#delayFrames = delaysOf(running.graph);
    const lengths = [...job.sources.values()].flatMap((channels) => channels.map((c) => c.length));
    this.#sounding = Math.max(job.frames, Math.min(job.sourceFrames, Math.max(0, ...lengths)));
    tell({ kind: "plan", nodes: running.engine.pluginNodes });
    this.#runUnheard(this.#engine.latencyFrames);
    tell({ kind: "playing", latencyFrames: this.#engine.latencyFrames });
  }

  /** [audio] Writes the next block to every channel, silence once the song is over. */
  render(channels: readonly Float32Array[]): void {
    const frames = channels[0].length;
    if (this.#isOver) {
      for (const channel of channels) channel.fill(0);
      return;
    }
    const heard = this.#fed - this.#engine.latencyFrames;
    this.#run(frames);
    const end = this.#job.frames + this.#job.tailFrames - heard;
    for (const [c, channel] of channels.entries()) {
      channel.set(this.#output[Math.min(c, this.#output.length - 1)].subarray(0, frames));
      if (end < frames) channel.fill(0, Math.max(0, end));
    }
    this.#keep(channels, heard);
    this.#report(channels, heard + frames);
  }

  /** [control, between blocks] The graph is primed, faded in, and told as "swapped"; or told as "refused". */
  async swap(id: number, program: Program): Promise<void> {
    try {
      const heard = () => this.#swaps.get(this.#engine.engines[0])?.running;
      const running = await RunningGraph.start(program, this.#setup, heard);
      try {
        this.#swaps.set(running.engine, { id, running });
        this.#engine.swapTo(running.engine);
      } catch (error) {
        this.#swaps.delete(running.engine);
        running.dispose();
        throw error;
      }
      this.#delayFrames = Math.max(this.#delayFrames, delaysOf(program.graph));
      this.#tell({ kind: "plan", nodes: running.engine.pluginNodes });
    } catch (error) {
      this.#tell({ kind: "refused", id, error: toPlainError(error) });
    }
  }

  /** Between the opening and the song's first frame: the latency, in whole blocks and a rest. */
  #runUnheard(frames: number): void {
    for (let left = frames; left > 0; left -= this.#engine.maxFrames)
      this.#run(Math.min(left, this.#engine.maxFrames));
  }

  #run(frames: number): void {
    const { sourceFrames } = this.#job;
    for (const [channels, source] of this.#inputs) feed(channels, source, this.#fed, frames, sourceFrames);
    this.#fed += frames;
    this.#engine.run(frames);
    for (const { running } of this.#swaps.values()) running.rebuild();
    for (let gone = this.#retired.pop(); gone; gone = this.#retired.pop()) gone.dispose();
    const isSilent = this.#engine.remainingFrames === 0;
    if (!isSilent) this.#sounding = Math.max(this.#sounding, this.#fed);
    const { latencyFrames } = this.#engine;
    const { frames: song, tailFrames } = this.#job;
    const isThrough = this.#fed >= song + tailFrames + latencyFrames;
    this.#isOver = isThrough || (isSilent && this.#fed >= this.#sounding + latencyFrames + this.#delayFrames);
  }

  #keep(channels: readonly Float32Array[], from: number): void {
    for (const [c, kept] of this.#job.capture.entries()) {
      const channel = channels[Math.min(c, channels.length - 1)];
      const count = Math.min(channel.length, kept.length - from);
      if (from >= 0 && count > 0) kept.set(channel.subarray(0, count), from);
    }
  }

  #report(channels: readonly Float32Array[], heard: number): void {
    for (const [c, channel] of channels.entries()) {
      if (c >= this.#peaks.length) break;
      for (const sample of channel) this.#peaks[c] = Math.max(this.#peaks[c], Math.abs(sample));
    }
    this.#sinceReport += channels[0].length;
    if (this.#sinceReport < this.#reportFrames && !this.#isOver) return;
    this.#sinceReport = 0;
    this.#tell({ kind: "position", frame: heard, peaks: this.#peaks.slice() });
    this.#peaks.fill(0);
    if (this.#isOver) this.#tell({ kind: "ended", frame: heard });
  }

  #swapped(engine: Engine): void {
    const { id, running } = this.#swaps.get(engine)!;
    const frame = this.#fed - this.#engine.latencyFrames;
    this.#tell({ kind: "swapped", id, frame, states: running.states });
  }

  #retire(engine: Engine): void {
    const { id, running } = this.#swaps.get(engine)!;
    this.#swaps.delete(engine);
    this.#retired.push(running);
    // One that was heard has been told as "swapped" before; that of the control side waits no more.
    this.#tell({ kind: "superseded", id });
  }
}

/** An audible delay sounds for its own length after the last plugin has come to rest. */
function delaysOf({ nodes }: GraphDescription): number {
  return nodes.reduce((sum, node) => sum + (node.kind === "delay" ? node.delayFrames : 0), 0);
}
