/** The graph that is heard and the one that it is on its way to, on the thread that plays. */
import { EditRun, Engine } from "@gainstage/graph";
import { Rebuilds } from "../running/rebuilds.ts";
import type { WatchedMeters } from "./live-levels.ts";
import type { GraphChange, LiveMessage, LoopRange } from "./live-messages.ts";
import type { LiveRack } from "./live-rack.ts";
import type { LiveSetup } from "./live-setup.ts";

type Tell = (message: LiveMessage) => void;

export class LiveGraph {
  readonly #rack: LiveRack;
  readonly #outputId: string;
  readonly #tell: Tell;
  readonly #engine: Engine;
  readonly #run: EditRun;
  readonly #rebuilds: Rebuilds;
  /** By plugin node id, of the graph that is heard or gone to. */
  #handles: ReadonlyMap<string, number>;
  #meters: ReadonlyMap<string, number>;
  #delayFrames: number;
  /** Of the change under way: its number, and the audible delays of the graph before it. */
  #change = 0;
  #delayBefore = 0;

  /** [control] The graph from the song's first frame on. Throws a RangeError if the plan does not fit the setup. */
  constructor(setup: LiveSetup, rack: LiveRack, first: GraphChange, tell: Tell) {
    this.#rack = rack;
    this.#outputId = setup.output;
    this.#tell = tell;
    this.#handles = first.processors;
    this.#meters = first.meters;
    this.#delayFrames = first.delayFrames;
    this.#rebuilds = new Rebuilds({ again: (node) => rack.again(this.#handles.get(node)!) });
    const processors = rack.nodes(first.processors);
    this.#engine = Engine.fromPlan(setup.engine, first.plan.settled, {
      sampleRateHz: setup.sampleRateHz,
      maxFrames: setup.maxFrames,
      processors,
      watch: setup.watch,
      onFault: (fault) => {
        const handle = this.#handles.get(fault.node);
        // What is on its way out is not built again.
        if (handle !== undefined) {
          rack.failed(handle);
          this.#rebuilds.failed(fault);
        }
        tell({ kind: "fault", fault });
      },
    });
    this.#run = new EditRun(this.#engine, processors);
    this.#tellPlan();
  }

  /** After change(), tend() and settle(), others. */
  get inputs(): ReadonlyMap<string, readonly Float32Array[]> {
    return this.#engine.inputs;
  }

  /** Of the output that is heard, after run(). */
  get output(): readonly Float32Array[] {
    return this.#engine.outputs.get(this.#outputId)!;
  }

  get maxFrames(): number {
    return this.#engine.maxFrames;
  }

  get latencyFrames(): number {
    return this.#engine.latencyFrames;
  }

  /** An audible delay sounds for its own length after the last plugin has come to rest. */
  get delayFrames(): number {
    return Math.max(this.#delayFrames, this.#delayBefore);
  }

  get isSettled(): boolean {
    return this.#run.isSettled;
  }

  get isSilent(): boolean {
    return this.#engine.remainingFrames === 0;
  }

  /** [audio] */
  run(frames: number): void {
    this.#run.run(frames);
  }

  /** [audio] Jumps in the song; what is sounding goes on. */
  seek(frame: number): void {
    this.#engine.seek(frame);
  }

  /** [control, between blocks] What plugins are told to be looped. A stop is not told: they stand still with the song. */
  tellLoop(loop: LoopRange | undefined): void {
    this.#engine.setTransport({ playing: true, loop });
  }

  /** [audio] Jumps in the song; what was sounding is forgotten. */
  restart(frame: number): void {
    this.settle(frame);
    this.#engine.reset();
    this.#engine.seek(frame);
  }

  /** [control, between blocks] The graph to go to from here on, when the change before is done. Told as "done" when it is. */
  change(id: number, { plan, processors, meters, delayFrames }: GraphChange): void {
    // What failed in a seek since the block before is still to be built anew, under the names of the graph before.
    this.#rebuilds.install(this.#engine, this.#installed);
    this.#change = id;
    this.#handles = processors;
    this.#meters = meters;
    this.#delayBefore = this.#delayFrames;
    this.#delayFrames = delayFrames;
    this.#run.begin(plan, this.#rack.nodes(processors));
    this.#tellPlan();
  }

  /** [control, between blocks] A plain value; nothing where there is no such node. */
  set(node: string, param: string, value: number | null): void {
    if (this.#engine.hasParam(node, param)) this.#run.setParam(node, param, value);
  }

  /** [audio] After a block: builds anew what failed, and goes on with the change. `heard` is the frame that is heard next. */
  tend(heard: number): void {
    this.#rebuilds.install(this.#engine, this.#installed);
    if (this.#run.tend()) this.#settled(heard);
  }

  /** [audio] Ends the change at once, while nothing is heard. */
  settle(heard: number): void {
    if (this.#run.settle()) this.#settled(heard);
  }

  /** [control, between blocks] What was made for a change that is not to be is let go. */
  withdraw(): void {
    this.#rack.keep(this.#handles.values());
  }

  /**
   * [audio] Writes the meters of nodes from `at` on: of a plugin as they are; of a meter node the peak of each channel and
   * then the RMS of each, since the last time.
   */
  readMeters(watched: readonly WatchedMeters[], to: Float64Array, at: number): void {
    for (let k = 0; k < watched.length; k++) {
      const { node, count } = watched[k];
      if (this.#meters.get(node) === count) this.#engine.readMeterInto(node, to, at);
      else {
        const values = this.#engine.pluginMeters(node);
        for (let i = 0; i < count; i++) to[at + i] = i < values.length ? values[i] : 0;
      }
      at += count;
    }
  }

  readonly #installed: Parameters<Rebuilds["install"]>[1] = (node, processor) => {
    this.#rack.replace(this.#handles.get(node)!, processor);
    this.#run.replaced(this.#rack.nodes(this.#handles));
  };

  #settled(frame: number): void {
    this.#delayBefore = 0;
    this.#rack.keep(this.#handles.values());
    this.#tellPlan();
    this.#tell({ kind: "done", id: this.#change, answer: { of: "change", frame } });
  }

  #tellPlan(): void {
    this.#tell({ kind: "plan", nodes: this.#engine.pluginNodes });
  }
}
