/**
 * The engine: one compiled graph, running in WebAssembly.
 *
 * Create it on the control thread; call run(), seek() and reset() on the thread that renders. A run is one call
 * into WebAssembly; only plugins, whose memory is elsewhere, are reached by calls back.
 */

import type { RunningProcessor } from "@gainstage/plugin-api";
import { flatten } from "../description/flatten.ts";
import { type NestedGraph, type PluginShape, type PluginShapes, paramIds } from "../description/graph.ts";
import { validateGraph } from "../description/validate.ts";
import type { CompensatedGraph } from "../planning/latency.ts";
import { compensate } from "../planning/latency.ts";
import { lower } from "../planning/lowering.ts";
import { type EngineExports, type PlanImage, SILENCE_DB, writePlan } from "../planning/plan-image.ts";
import { PluginRunner, type ProcessorNode } from "./plugin-runner.ts";
import type { CallWatch, RuntimeFault } from "./runtime-fault.ts";
import { type Ports, ShortRuns } from "./short-runs.ts";
import { SongClock } from "./song-clock.ts";

/** dist/engine.wasm, for whoever can read a file or fetch it. */
export const engineUrl: URL = new URL("../../dist/engine.wasm", import.meta.url);

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
  /** How late every output is. */
  readonly latencyFrames: number;
  readonly maxFrames: number;
  /** By input node id, [channel]: write the block here before run(). */
  readonly inputs: Ports;
  /** By output node id, [channel]: the block, after run(). */
  readonly outputs: Ports;
  readonly #exports: EngineExports;
  readonly #image: PlanImage;
  readonly #runners: PluginRunner[] = [];
  readonly #runnerOf = new Map<string, PluginRunner>();
  /** Addresses, by node id and parameter id: either may contain any separator. */
  readonly #paramAt = new Map<string, Map<string, number>>();
  readonly #channelsOf = new Map<string, number>();
  readonly #gains = new Set<string>();
  /** Where blocks are cut for what is fed back. */
  readonly #runs: ShortRuns | undefined;
  #position = 0;

  /** [control] Throws a GraphError if the description is wrong. `module` is engineUrl, compiled. */
  static create(module: WebAssembly.Module, graph: NestedGraph, options: EngineOptions): Engine {
    const shapes = shapesOf(options.processors);
    const flat = flatten(graph);
    validateGraph(flat, shapes);
    return new Engine(module, compensate(flat, shapes), shapes, options);
  }

  /** [control] For a part of a graph that was validated and compensated as a whole. */
  static fromCompensated(
    module: WebAssembly.Module,
    graph: CompensatedGraph,
    options: EngineOptions,
  ): Engine {
    return new Engine(module, graph, shapesOf(options.processors), options);
  }

  private constructor(
    module: WebAssembly.Module,
    graph: CompensatedGraph,
    shapes: PluginShapes,
    options: EngineOptions,
  ) {
    const plan = lower(graph, shapes);
    this.maxFrames = options.maxFrames;
    this.latencyFrames = plan.latencyFrames;
    const host = {
      runPlugin: (plugin: number, offset: number, frames: number, silent: number) =>
        this.#runners[plugin].run(offset, frames, this.#position + offset, silent === 1) ? 1 : 0,
      unsound: (plugin: number, frames: number) => this.#runners[plugin].unsound(frames, this.#position),
    };
    this.#exports = new WebAssembly.Instance(module, { host }).exports as unknown as EngineExports;
    this.#image = writePlan(this.#exports, plan, shapes, options.sampleRateHz, options.maxFrames);

    if (options.skipSilence === false) this.#exports.pass_over(0);

    const { buffer } = this.#exports.memory;
    const views = (port: { buffer: number; channels: number }) =>
      Array.from(
        { length: port.channels },
        (_, c) => new Float32Array(buffer, this.#image.channelAt(port.buffer, c), options.maxFrames),
      );
    const inputs = new Map([...plan.inputs].map(([id, port]) => [id, views(port)]));
    const outputs = new Map([...plan.outputs].map(([id, port]) => [id, views(port)]));
    this.#runs =
      plan.longestRunFrames < options.maxFrames
        ? new ShortRuns(plan.longestRunFrames, options.maxFrames, inputs, outputs)
        : undefined;
    this.inputs = this.#runs?.inputs ?? inputs;
    this.outputs = this.#runs?.outputs ?? outputs;
    for (const node of graph.nodes) {
      this.#channelsOf.set(node.id, node.channels);
      if (node.kind === "gain" || node.kind === "send") this.#gains.add(node.id);
    }

    const onFault = options.onFault ?? (() => {});
    for (const { step, paramsAt } of this.#image.plugins) {
      const node = options.processors.get(step.node.id)!;
      requireRoom(step.node.id, node, options.maxFrames);
      const ids = paramIds(step.node, shapes);
      const params = new Float64Array(buffer, paramsAt, ids.length);
      params.set(node.processor.block.params);
      this.#paramAt.set(step.node.id, new Map(ids.map((id, i) => [id, paramsAt + 8 * i])));
      const hangs = options.hangs?.get(step.node.id);
      const runner = new PluginRunner(node, {
        node: step.node.id,
        index: this.#runners.length,
        inputs: step.inputs.map(views),
        outputs: step.outputs.map(views),
        params,
        sampleRateHz: options.sampleRateHz,
        onFault,
        inLatencyFrames: graph.inLatencyFrames.get(step.node.id) ?? 0,
        ...(graph.song && { clock: new SongClock(graph.song, options.sampleRateHz) }),
        ...(options.watch && { watch: options.watch }),
        ...(hangs && { hangs }),
        bypassed: step.node.bypassed ?? false,
      });
      this.#runners.push(runner);
      this.#runnerOf.set(step.node.id, runner);
    }
    for (const { id, param, at } of this.#image.values) this.#paramAt.set(id, new Map([[param, at]]));
    this.#exports.reset();
  }

  /** [audio] Renders the next block: reads the inputs, writes the outputs. */
  run(frames: number): void {
    if (this.#runs) {
      for (let at = 0; at < frames; at += this.#runs.longest) {
        const run = Math.min(this.#runs.longest, frames - at);
        this.#runs.takeIn(at, run);
        this.#exports.run(run);
        this.#runs.putOut(at, run);
        this.#position += run;
      }
      return;
    }
    this.#exports.run(frames);
    this.#position += frames;
  }

  /** [audio] Jumps in the song; what is sounding goes on. */
  seek(frame: number): void {
    this.#position = frame;
    this.#exports.seek(frame);
  }

  /** [audio] Forgets all signal history and goes to the first frame. */
  reset(): void {
    this.#position = 0;
    this.#exports.reset();
    for (const runner of this.#runners) runner.reset();
  }

  /**
   * [control, between blocks] A plain value, for a plugin within its range; null is silence, for a gain. Automated
   * parameters stay automated. Throws a RangeError if there is no such parameter or the value is not a number.
   */
  setParam(node: string, param: string, value: number | null): void {
    const at = this.#paramAt.get(node)?.get(param);
    if (at === undefined) throw new RangeError(`there is no parameter ${node}.${param} in the graph`);
    const sound = value === null ? this.#gains.has(node) : Number.isFinite(value);
    if (!sound) throw new RangeError(`${node}.${param} cannot be ${value}; it must be a finite number`);
    new Float64Array(this.#exports.memory.buffer, at, 1)[0] = value ?? SILENCE_DB;
  }

  /** [control, between blocks] Reads a meter node and clears it. */
  readMeter(node: string): MeterReading {
    const at = this.#image.meters.get(node);
    if (at === undefined) throw new RangeError(`there is no meter "${node}" in the graph`);
    const channels = this.#channelsOf.get(node) ?? 1;
    const { buffer } = this.#exports.memory;
    const sums = new Float64Array(buffer, at, 2 + 2 * channels);
    const peaks = new Float32Array(buffer, at, 4 + 4 * channels);
    const [frames] = sums;
    const peak: number[] = [];
    const meanSquare: number[] = [];
    for (let c = 0; c < channels; c++) {
      peak.push(peaks[6 + 4 * c]);
      meanSquare.push(frames > 0 ? sums[2 + 2 * c] / frames : 0);
    }
    sums[0] = 0;
    sums.fill(0, 2);
    return { peak, meanSquare };
  }

  /**
   * [control] The meters of a plugin node, in its manifest's order: a view that stays current until another
   * processor of the package is activated, which may move its memory. Ask again rather than keep it.
   */
  pluginMeters(node: string): Float32Array {
    return this.#runnerOf.get(node)?.meters ?? new Float32Array(0);
  }

  /**
   * [control, between blocks] Whether a plugin's input is heard in its place, late by its latency: nothing moves in time, and
   * the change takes 10 ms. Throws a RangeError if there is no such plugin node.
   */
  setBypass(node: string, on: boolean): void {
    const runner = this.#runnerOf.get(node);
    if (!runner) throw new RangeError(`there is no plugin "${node}" in the graph`);
    runner.bypass(on);
  }

  /** Frames that any plugin may still sound; 0 when all is silent. */
  get remainingFrames(): number {
    let most = 0;
    for (const runner of this.#runners) most = Math.max(most, runner.remainingFrames);
    return most;
  }

  get faults(): readonly RuntimeFault[] {
    return this.#runners.flatMap((runner) => runner.faults);
  }

  /** Ids of the plugin nodes, in the order in which a CallWatch counts them. */
  get pluginNodes(): readonly string[] {
    return [...this.#runnerOf.keys()];
  }

  /**
   * [control, between blocks] Puts a new processor in the place of one that failed, which is faded in once its latency
   * has passed. False if the node did not fail, failed twice, or the new one has another latency.
   */
  install(node: string, processor: RunningProcessor): boolean {
    return this.#runnerOf.get(node)?.install(processor) ?? false;
  }
}

/** Every port of a processor must hold a whole block: found here, since process() would fail far from the cause. */
function requireRoom(id: string, { processor }: ProcessorNode, maxFrames: number): void {
  for (const channel of [...processor.block.inputs, ...processor.block.outputs].flat()) {
    if (channel.length >= maxFrames) continue;
    throw new RangeError(
      `node "${id}": its processor was activated for blocks of ${channel.length} frames, the engine has ${maxFrames}; activate it with maxFrames ${maxFrames}`,
    );
  }
}

/** What the compiler must know of each activated processor. */
export function shapesOf(processors: ReadonlyMap<string, ProcessorNode>): PluginShapes {
  return new Map(
    [...processors].map(([id, { manifest, processor }]) => {
      const port = (info: { readonly id: string }, channels: readonly Float32Array[]) => ({
        id: info.id,
        channels: channels.length,
      });
      const shape: PluginShape = {
        inputs: manifest.inputs.map((info, i) => port(info, processor.block.inputs[i])),
        outputs: manifest.outputs.map((info, i) => port(info, processor.block.outputs[i])),
        latencyFrames: processor.latencyFrames,
        paramIds: manifest.params.map((p) => p.id),
      };
      return [id, shape];
    }),
  );
}
