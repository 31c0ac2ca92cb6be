/** The graph that is heard, those that are to take its place, and what becomes of each. */
import { type Engine, type GraphDescription, type RuntimeFault, SwappableEngine } from "@gainstage/graph";
import type { PluginLog } from "../loading/host-extensions.ts";
import { SharedCallWatch } from "../running/call-watch.ts";
import { toPlainError } from "../running/error-crossing.ts";
import { type Program, RunningGraph, type RunningSetup } from "../running/running-graph.ts";
import type { WatchedMeters } from "./live-levels.ts";
import type { LiveJob, LiveMessage } from "./live-messages.ts";

/** A graph on its way to be heard, and the swap that it is. */
interface Swap {
  readonly id: number;
  readonly running: RunningGraph;
  /** Ids of its meter nodes. */
  readonly meters: ReadonlySet<string>;
}

export class LiveGraphs {
  /** Of the output that is heard, after run(). */
  readonly output: readonly Float32Array[];
  readonly #setup: RunningSetup;
  readonly #tell: (message: LiveMessage) => void;
  readonly #engine: SwappableEngine;
  readonly #swaps: Swap[] = [];
  #heard: Swap;
  /** What has come to its turn in the block just run, and what is not needed any more. */
  #swapped: Swap | undefined;
  readonly #retired: RunningGraph[] = [];
  /** An audible delay sounds for its own length after the last plugin has come to rest. */
  #delayFrames: number;

  /** [control] Blocks have up to `maxFrames` frames. Throws what RunningGraph.start() throws, or a RangeError. */
  static async start(
    job: LiveJob,
    maxFrames: number,
    tell: (message: LiveMessage) => void,
  ): Promise<LiveGraphs> {
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
    return new LiveGraphs(job, setup, running, tell);
  }

  private constructor(
    job: LiveJob,
    setup: RunningSetup,
    running: RunningGraph,
    tell: (message: LiveMessage) => void,
  ) {
    this.#setup = setup;
    this.#tell = tell;
    this.#engine = new SwappableEngine(running.engine, {
      sampleRateHz: job.sampleRateHz,
      latencyFrames: job.latencyFrames,
      onSwapped: (engine) => {
        this.#heard = this.#of(engine);
        this.#swapped = this.#heard;
      },
      onRetired: (engine) => this.#retire(engine),
    });
    this.#heard = swapOf(0, running);
    this.#swaps.push(this.#heard);
    this.output = this.#engine.outputs.get(job.output)!;
    this.#delayFrames = delaysOf(running.graph);
    tell({ kind: "plan", nodes: running.engine.pluginNodes });
  }

  get inputs(): ReadonlyMap<string, readonly Float32Array[]> {
    return this.#engine.inputs;
  }

  get maxFrames(): number {
    return this.#engine.maxFrames;
  }

  get latencyFrames(): number {
    return this.#engine.latencyFrames;
  }

  get delayFrames(): number {
    return this.#delayFrames;
  }

  get isSilent(): boolean {
    return this.#engine.remainingFrames === 0;
  }

  /** [audio] */
  run(frames: number): void {
    this.#engine.run(frames);
  }

  /** [audio] Jumps in the song; what is sounding goes on. */
  seek(frame: number): void {
    this.#engine.seek(frame);
  }

  /** [audio] Jumps in the song; what was sounding is forgotten, but for what is held back within the latency. */
  restart(frame: number): void {
    for (let k = 0; k < this.#swaps.length; k++) this.#swaps[k].running.engine.reset();
    this.#engine.seek(frame);
  }

  /** [audio] After a block: builds anew what failed, and tells of a swap. `frame` is what is heard next. */
  tend(frame: number): void {
    for (let k = 0; k < this.#swaps.length; k++) this.#swaps[k].running.rebuild();
    while (this.#retired.length > 0) this.#retired.pop()!.dispose();
    if (!this.#swapped) return;
    const { id, running } = this.#swapped;
    this.#swapped = undefined;
    this.#tell({ kind: "swapped", id, frame, states: running.states });
  }

  /**
   * [audio] Writes the meters of nodes from `at` on: of a plugin as they are; of a meter node the peak of each channel and
   * then the RMS of each, since the last time.
   */
  readMeters(watched: readonly WatchedMeters[], to: Float64Array, at: number): void {
    for (let k = 0; k < watched.length; k++) {
      const { node, count } = watched[k];
      this.#readMeter(node, count, to, at);
      at += count;
    }
  }

  /** [control, between blocks] The graph is primed, faded in, and told as "swapped"; or told as "refused". */
  async swap(id: number, program: Program): Promise<void> {
    try {
      const running = await RunningGraph.start(program, this.#setup, () => this.#heard.running);
      const swap = swapOf(id, running);
      try {
        this.#swaps.push(swap);
        this.#engine.swapTo(running.engine);
      } catch (error) {
        this.#swaps.splice(this.#swaps.indexOf(swap), 1);
        running.dispose();
        throw error;
      }
      this.#delayFrames = Math.max(this.#delayFrames, delaysOf(program.graph));
      this.#tell({ kind: "plan", nodes: running.engine.pluginNodes });
    } catch (error) {
      this.#tell({ kind: "refused", id, error: toPlainError(error) });
    }
  }

  #readMeter(node: string, count: number, to: Float64Array, at: number): void {
    const { meters, running } = this.#heard;
    if (meters.has(node)) {
      const { peak, meanSquare } = running.engine.readMeter(node);
      const channels = Math.min(peak.length, count / 2);
      for (let c = 0; c < channels; c++) {
        to[at + c] = peak[c];
        to[at + count / 2 + c] = Math.sqrt(meanSquare[c]);
      }
      return;
    }
    const values = running.engine.pluginMeters(node);
    for (let i = 0; i < count; i++) to[at + i] = i < values.length ? values[i] : 0;
  }

  #of(engine: Engine): Swap {
    return this.#swaps.find(({ running }) => running.engine === engine)!;
  }

  #retire(engine: Engine): void {
    const swap = this.#of(engine);
    this.#swaps.splice(this.#swaps.indexOf(swap), 1);
    this.#retired.push(swap.running);
    // One that was heard has been told as "swapped" before; that of the control side waits no more.
    this.#tell({ kind: "superseded", id: swap.id });
  }
}

function swapOf(id: number, running: RunningGraph): Swap {
  const meters = running.graph.nodes.filter(({ kind }) => kind === "meter");
  return { id, running, meters: new Set(meters.map((node) => node.id)) };
}

function delaysOf({ nodes }: GraphDescription): number {
  return nodes.reduce((sum, node) => sum + (node.kind === "delay" ? node.delayFrames : 0), 0);
}
