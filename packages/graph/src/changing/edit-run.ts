/** Carries one EditPlan after the other out on an engine, on the thread that renders. */
import type { CompiledPlan } from "../running/compiled.ts";
import type { Engine } from "../running/engine.ts";
import type { ProcessorNode } from "../running/plugin-runner.ts";
import type { EditPlan, EditStage } from "./edit-plan.ts";

type Processors = ReadonlyMap<string, ProcessorNode>;

interface LiveValue {
  readonly node: string;
  readonly param: string;
  readonly value: number | null;
}

export class EditRun {
  readonly #engine: Engine;
  #processors: Processors;
  /** Of the graph before the edit under way. */
  #processorsBefore: Processors;
  /** What is still to come until the settled plan is all that runs; the first of it runs. */
  #stages: readonly EditStage[] = [];
  #settled: CompiledPlan | undefined;
  #fadeFrames = 0;
  /** Frames that the stage has run, and whether its fades have begun. */
  #framesDone = 0;
  #isFading = false;
  /** What was set while an edit is under way, whose plans were made before. */
  readonly #values: LiveValue[] = [];

  /** [control] `engine` runs with `processors`; from here on it is run through this. */
  constructor(engine: Engine, processors: Processors) {
    this.#engine = engine;
    this.#processors = processors;
    this.#processorsBefore = processors;
  }

  /** True when no edit is under way. */
  get isSettled(): boolean {
    return this.#stages.length === 0;
  }

  /**
   * [control, between blocks] When the edit before has settled. `processors` holds one for every plugin node of the graph after:
   * where a node goes on, the one that it has.
   */
  begin(plan: EditPlan, processors: Processors): void {
    this.#stages = plan.stages;
    this.#settled = plan.settled;
    this.#fadeFrames = plan.fadeFrames;
    this.#processorsBefore = this.#processors;
    this.#processors = processors;
    this.#values.length = 0;
    this.#load();
    for (const { node, bypassed, params } of plan.settings) {
      this.#engine.setBypass(node, bypassed);
      for (const [id, value] of params) this.#engine.setParam(node, id, value);
    }
  }

  /** [control, between blocks] As Engine.setParam(), and goes on being so when the edit under way has settled. */
  setParam(node: string, param: string, value: number | null): void {
    this.#engine.setParam(node, param, value);
    if (!this.isSettled) this.#values.push({ node, param, value });
  }

  /** [control, between blocks] The processor of a node was built anew. */
  replaced(processors: Processors): void {
    this.#processors = processors;
  }

  /** [audio] Renders the next block: inputs and outputs are the engine's. */
  run(frames: number): void {
    this.#engine.run(frames);
    this.#framesDone += frames;
  }

  /** [control, between blocks] Goes on with the edit when it is time. True if with that it has settled. To be called now and then. */
  tend(): boolean {
    if (this.isSettled) return false;
    const [stage] = this.#stages;
    if (!this.#isFading && this.#framesDone >= stage.holdFrames) {
      for (const id of stage.fadingIn) this.#engine.setParam(id, "gainDb", 0);
      for (const id of stage.fadingOut) this.#engine.setParam(id, "gainDb", null);
      this.#isFading = true;
      this.#framesDone = 0;
    } else if (this.#isFading && this.#framesDone >= this.#fadeFrames) {
      this.#stages = this.#stages.slice(1);
      this.#load();
      return this.isSettled;
    }
    return false;
  }

  /** [control, between blocks] At once, where nobody hears it. True if an edit was under way. */
  settle(): boolean {
    if (this.isSettled) return false;
    this.#stages = [];
    this.#load();
    return true;
  }

  /** The stage whose turn it is, or after the last of them the graph itself. */
  #load(): void {
    const [stage] = this.#stages;
    this.#engine.load(
      stage?.plan ?? this.#settled!,
      stage?.isBefore ? this.#processorsBefore : this.#processors,
    );
    this.#framesDone = 0;
    this.#isFading = false;
    for (const id of stage?.opening ?? []) this.#engine.setParam(id, "gainDb", 0);
    for (const { node, param, value } of this.#values)
      if (this.#engine.hasParam(node, param)) this.#engine.setParam(node, param, value);
  }
}
