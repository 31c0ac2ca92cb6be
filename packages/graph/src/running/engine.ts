/**
 * The engine: one compiled graph, running in WebAssembly.
 *
 * Create it on the control thread; call run(), seek() and reset() on the thread that renders. A run is one call
 * into WebAssembly, or a few where the graph has short ways back; only plugins, whose memory is elsewhere, are reached by
 * calls back.
 */

import type { RunningProcessor } from "@gainstage/plugin-api";
import { flatten } from "../description/flatten.ts";
import type { NestedGraph } from "../description/graph.ts";
import { validateGraph } from "../description/validate.ts";
import { type CompensatedGraph, compensate } from "../planning/latency.ts";
import { type CompiledPlan, compile } from "./compiled.ts";
import { PlanMemory } from "./plan-memory.ts";
import { PlanValues } from "./plan-values.ts";
import type { ProcessorNode } from "./plugin-runner.ts";
import { shapesOf } from "./processor-shape.ts";
import { type RunningOptions, RunningPlan } from "./running-plan.ts";
import type { CallWatch, RuntimeFault } from "./runtime-fault.ts";
import type { Ports } from "./short-runs.ts";
import { requireLoop, type TransportState } from "./song-clock.ts";

/** dist/engine.wasm, for whoever can read a file or fetch it. */
export const engineUrl: URL = /* @__PURE__ */ new URL("../../dist/engine.wasm", import.meta.url);

export interface EngineOptions {
  readonly sampleRateHz: number;
  /** run() takes 1..maxFrames frames. */
  readonly maxFrames: number;
  /** A processor for every plugin node, by node id, activated for at least maxFrames. */
  readonly processors: ReadonlyMap<string, ProcessorNode>;
  /** [audio] Called at each failure of a plugin, at most twice for a node. */
  readonly onFault?: (fault: RuntimeFault) => void;
  readonly watch?: CallWatch;
  /** By node id, the engine frames of calls that are known not to end, rising. They fail without being made. */
  readonly hangs?: ReadonlyMap<string, readonly number[]>;
  /** False to compute silence as if it were sound: the samples are the same. Default true. */
  readonly skipSilence?: boolean;
}

export interface MeterReading {
  /** Per channel, linear, since the last reading. */
  readonly peak: readonly number[];
  readonly meanSquare: readonly number[];
}

export class Engine {
  readonly maxFrames: number;
  readonly #module: WebAssembly.Module;
  readonly #options: EngineOptions;
  #plan: RunningPlan;
  /** The memory of the plan before the one that runs, for the next. */
  #spare: PlanMemory | undefined;
  #values: PlanValues;
  #position = 0;

  /** [control] Throws a GraphError if the description is wrong. `module` is engineUrl, compiled. */
  static create(module: WebAssembly.Module, graph: NestedGraph, options: EngineOptions): Engine {
    const shapes = shapesOf(options.processors);
    const flat = flatten(graph);
    validateGraph(flat, shapes);
    return Engine.fromCompensated(module, compensate(flat, shapes), options);
  }

  /** [control] For a part of a graph that was validated and compensated as a whole. */
  static fromCompensated(
    module: WebAssembly.Module,
    graph: CompensatedGraph,
    options: EngineOptions,
  ): Engine {
    const shapes = shapesOf(options.processors);
    return new Engine(module, compile(graph, shapes, options.sampleRateHz, options.maxFrames), options);
  }

  /** [control] For a plan that was made elsewhere, for the same rate and blocks. */
  static fromPlan(module: WebAssembly.Module, compiled: CompiledPlan, options: EngineOptions): Engine {
    return new Engine(module, compiled, options);
  }

  private constructor(module: WebAssembly.Module, compiled: CompiledPlan, options: EngineOptions) {
    this.#module = module;
    this.#options = options;
    this.maxFrames = options.maxFrames;
    this.#plan = new RunningPlan(compiled, this.#newMemory(), this.#surroundings(options.processors));
    this.#values = new PlanValues(this.#plan);
  }

  /** How late every output is. */
  get latencyFrames(): number {
    return this.#plan.compiled.latencyFrames;
  }

  /** By input node id, [channel]: write the block here before run(). Others after load(). */
  get inputs(): Ports {
    return this.#plan.inputs;
  }

  /** By output node id, [channel]: the block, after run(). Others after load(). */
  get outputs(): Ports {
    return this.#plan.outputs;
  }

  /**
   * [control, between blocks] Goes on with another plan, made for the same rate and blocks. Gains, delay lines, meters and
   * plugins go on where they were, by the ids of their nodes; a plugin if its processor is the same. Takes memory from
   * JavaScript: it is no part of a block. Throws a RangeError for a plan of another rate or block.
   */
  load(compiled: CompiledPlan, processors: ReadonlyMap<string, ProcessorNode>): void {
    const { sampleRateHz, maxFrames } = this.#options;
    if (compiled.sampleRateHz !== sampleRateHz || compiled.maxFrames !== maxFrames)
      throw new RangeError(
        `the plan is for ${compiled.maxFrames} frames at ${compiled.sampleRateHz} Hz, the engine runs ${maxFrames} at ${sampleRateHz} Hz`,
      );
    const memory = this.#spare ?? this.#newMemory();
    const before = this.#plan;
    this.#plan = new RunningPlan(compiled, memory, this.#surroundings(processors), before);
    this.#spare = before.memory;
    memory.carrySong(before.memory);
    this.#values = new PlanValues(this.#plan);
  }

  /** [audio] Renders the next block: reads the inputs, writes the outputs. */
  run(frames: number): void {
    const { memory, runs } = this.#plan;
    if (runs) {
      for (let at = 0; at < frames; at += runs.longest) {
        const run = Math.min(runs.longest, frames - at);
        runs.takeIn(at, run);
        memory.run(run);
        runs.putOut(at, run);
        this.#position += run;
      }
      return;
    }
    memory.run(frames);
    this.#position += frames;
  }

  /**
   * [audio] Jumps in the song; what is sounding goes on. The next block is fed from `frame`; lanes and transport of every node
   * jump when its sound arrives there, so many frames later as the node is behind latency. Before the first block, and the
   * first after reset(), nothing is on its way, and all begins at `frame`. Of the jumps that have not arrived everywhere 1023
   * are remembered.
   */
  seek(frame: number): void {
    this.#position = frame;
    this.#plan.memory.seek(frame);
  }

  /**
   * [control, between blocks] What plugins are told beside where the song is; at first it plays, and nothing is looped. It jumps
   * nowhere: that is seek(). Every node hears of it together with what is fed from here on, and it outlasts reset() and load().
   * Throws a RangeError for a loop that is no range of whole frames.
   */
  setTransport({ playing, loop }: TransportState): void {
    if (loop) requireLoop(loop);
    this.#plan.memory.setTransport(playing, loop?.startFrame ?? 0, loop?.endFrame ?? 0);
  }

  /** [audio] Forgets all signal history and goes to the first frame. */
  reset(): void {
    this.#position = 0;
    this.#plan.memory.reset();
    for (const runner of this.#plan.runners) runner.reset();
  }

  /** [audio] Whether setParam() has something to set. */
  hasParam(node: string, param: string): boolean {
    return this.#values.has(node, param);
  }

  /**
   * [control, between blocks] A plain value, for a plugin within its range; null is silence, for a gain. Automated
   * parameters stay automated. Throws a RangeError if there is no such parameter or the value is not a number.
   */
  setParam(node: string, param: string, value: number | null): void {
    this.#values.set(node, param, value);
  }

  /** [control, between blocks] Reads a meter node and clears it. Throws a RangeError if there is no such node. */
  readMeter(node: string): MeterReading {
    return this.#values.meter(node).read();
  }

  /**
   * [audio, between blocks] The same without taking memory: writes the peak of each channel and then the RMS of each to `to`, from
   * `at` on. Returns how many numbers that is. Throws a RangeError if there is no such node or no room, and then clears nothing.
   */
  readMeterInto(node: string, to: Float64Array, at: number): number {
    return this.#values.meter(node).readInto(to, at);
  }

  /**
   * [control] The meters of a plugin node, in its manifest's order: a view that stays current until another
   * processor of the package is activated, which may move its memory. Ask again rather than keep it.
   */
  pluginMeters(node: string): Float32Array {
    return this.#plan.runnerOf.get(node)?.meters ?? new Float32Array(0);
  }

  /**
   * [control, between blocks] Whether a plugin's input is heard in its place, late by its latency: nothing moves in time, and
   * the change takes 10 ms. Throws a RangeError if there is no such plugin node.
   */
  setBypass(node: string, on: boolean): void {
    const runner = this.#plan.runnerOf.get(node);
    if (!runner) throw new RangeError(`there is no plugin "${node}" in the graph`);
    runner.bypass(on);
  }

  /** Frames that any plugin may still sound; 0 when all is silent. */
  get remainingFrames(): number {
    let most = 0;
    for (const runner of this.#plan.runners) most = Math.max(most, runner.remainingFrames);
    return most;
  }

  get faults(): readonly RuntimeFault[] {
    return this.#plan.runners.flatMap((runner) => runner.faults);
  }

  /** Ids of the plugin nodes, in the order in which a CallWatch counts them. */
  get pluginNodes(): readonly string[] {
    return [...this.#plan.runnerOf.keys()];
  }

  /**
   * [control, between blocks] Puts a new processor in the place of one that failed, which is faded in once its latency
   * has passed. False if the node did not fail, failed twice, or the new one has another latency.
   */
  install(node: string, processor: RunningProcessor): boolean {
    return this.#plan.runnerOf.get(node)?.install(processor) ?? false;
  }

  #newMemory(): PlanMemory {
    const memory = new PlanMemory(this.#module, {
      runPlugin: (plugin, offset, frames, silent, moved) => {
        const runner = this.#plan.runners[plugin];
        return runner.run(offset, frames, this.#position + offset, silent === 1, moved === 1) ? 1 : 0;
      },
      unsound: (plugin, frames) => this.#plan.runners[plugin].unsound(frames, this.#position),
    });
    if (this.#options.skipSilence === false) memory.passOver(false);
    return memory;
  }

  #surroundings(processors: ReadonlyMap<string, ProcessorNode>): RunningOptions {
    const { onFault = () => {}, watch, hangs } = this.#options;
    return { processors, onFault, ...(watch && { watch }), ...(hangs && { hangs }) };
  }
}
