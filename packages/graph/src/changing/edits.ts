/**
 * Edits while the song runs: whatever the graph was and is to be, what is heard goes from the one to the other in 20 ms.
 *
 *   edit ─▶ graph between (transition.ts) ─ latency of what is new ─ 20 ms ─▶ graph after ─▶ the latest edit meanwhile, if any
 *
 * Edits that come faster are not lost one by one but passed over for the last: a thousand a second cost no more than
 * fifty. Once settled, the engine runs the very plan that an offline render of the graph runs.
 */
import { flatten } from "../description/flatten.ts";
import type { GraphDescription, NestedGraph, PluginNode, PluginShapes } from "../description/graph.ts";
import { inputPorts } from "../description/graph.ts";
import { validateGraph } from "../description/validate.ts";
import { type CompensatedGraph, compensate } from "../planning/latency.ts";
import { type CompiledPlan, compile } from "../running/compiled.ts";
import { type Engine, shapesOf } from "../running/engine.ts";
import type { ProcessorNode } from "../running/plugin-runner.ts";
import { common, type NodeFacts, type Transition, transition } from "./transition.ts";

type Processors = ReadonlyMap<string, ProcessorNode>;

export interface EditsOptions {
  readonly sampleRateHz: number;
  readonly maxFrames: number;
  /** [control] Nobody hears this processor any more. */
  readonly onRetired?: (processor: ProcessorNode) => void;
}

interface Stage extends Omit<Transition, "graph"> {
  readonly plan: CompiledPlan;
}

interface Edit {
  readonly graph: GraphDescription;
  readonly processors: Processors;
  readonly compensated: CompensatedGraph;
}

export class Edits {
  readonly #engine: Engine;
  readonly #options: EditsOptions;
  readonly #fadeFrames: number;
  #heard: Edit;
  /** What is still to come until `#heard` is all that runs; the first of it runs. */
  #stages: readonly Stage[] = [];
  /** Processors of this change that are not needed when it is over. */
  #leaving: readonly ProcessorNode[] = [];
  #waiting: Edit | undefined;
  /** The plan of `#heard` alone. */
  #settled: CompiledPlan | undefined;
  /** Frames that the stage has run, and whether its fades have begun. */
  #framesDone = 0;
  #isFading = false;

  /** [control] `engine` runs `graph` with `processors`; from here on it is run through this. */
  constructor(engine: Engine, graph: NestedGraph, processors: Processors, options: EditsOptions) {
    this.#engine = engine;
    this.#options = options;
    this.#fadeFrames = Math.max(1, Math.round(0.02 * options.sampleRateHz));
    this.#heard = understood(graph, processors);
  }

  /** True when no edit is under way. */
  get isSettled(): boolean {
    return this.#stages.length === 0 && this.#waiting === undefined;
  }

  /**
   * [control, between blocks] The graph to go to. `processors` holds one for every plugin node: where a node is to go on, the one
   * that it has. Throws a GraphError for a graph that cannot be, and then nothing changes. Of edits that wait for their turn
   * only the last is made; the processors of the others are retired.
   */
  edit(graph: NestedGraph, processors: Processors): void {
    const next = understood(graph, processors);
    const passedOver = this.#waiting;
    this.#waiting = next;
    if (passedOver) this.#retire([...passedOver.processors.values()], [this.#leaving]);
    if (this.#stages.length === 0) this.#begin();
  }

  /** [audio] Renders the next block: inputs and outputs are the engine's. */
  run(frames: number): void {
    this.#engine.run(frames);
    this.#framesDone += frames;
  }

  /** [control, between blocks] Goes on with the edit when it is time. To be called now and then. */
  tend(): void {
    const [stage] = this.#stages;
    if (!stage) return;
    if (!this.#isFading && this.#framesDone >= stage.holdFrames) {
      for (const id of stage.fadingIn) this.#engine.setParam(id, "gainDb", 0);
      for (const id of stage.fadingOut) this.#engine.setParam(id, "gainDb", null);
      this.#isFading = true;
      this.#framesDone = 0;
    } else if (this.#isFading && this.#framesDone >= this.#fadeFrames) {
      this.#stages = this.#stages.slice(1);
      this.#load();
    }
  }

  #begin(): void {
    const next = this.#waiting!;
    const before = this.#heard;
    this.#waiting = undefined;
    this.#heard = next;
    const shapes = new Map([...shapesOf(before.processors), ...shapesOf(next.processors)]);
    this.#stages = this.#stagesBetween(before, next, shapes);
    this.#leaving = [...before.processors.values()].filter((node) => !holds(next.processors.values(), node));
    this.#load();
    this.#setParams(before.graph, next);
  }

  #stagesBetween(before: Edit, next: Edit, shapes: PluginShapes): readonly Stage[] {
    const old = shapesOf(before.processors);
    const now = shapesOf(next.processors);
    const facts: NodeFacts = {
      channelsInto: (node, port) =>
        inputPorts(node, shapes).find(({ id }) => id === port)?.channels ?? node.channels,
      latencyFrames: ({ id }) => now.get(id)?.latencyFrames ?? 0,
    };
    const between = (from: CompensatedGraph, to: CompensatedGraph): Stage | undefined => {
      const made = transition(from, to, facts);
      if (!made) return undefined;
      const mixed = new Map([...old, ...now]);
      for (const [own, id] of made.graph.before ?? []) if (old.has(id)) mixed.set(own, old.get(id)!);
      return { ...made, plan: this.#compiled(made.graph, mixed) };
    };
    this.#settled = this.#compiled(next.compensated, now);
    const direct = between(before.compensated, next.compensated);
    if (direct) return [direct];
    // Both at once would be a cycle: first what goes, then what comes.
    const rest = common(before.compensated, next.compensated);
    return [between(before.compensated, rest), between(rest, next.compensated)].filter(
      (stage) => stage !== undefined,
    );
  }

  #compiled(graph: CompensatedGraph, shapes: PluginShapes): CompiledPlan {
    return compile(graph, shapes, this.#options.sampleRateHz, this.#options.maxFrames);
  }

  /** The stage whose turn it is, or after the last of them the graph itself. */
  #load(): void {
    const [stage] = this.#stages;
    this.#engine.load(stage?.plan ?? this.#settled!, this.#heard.processors);
    this.#framesDone = 0;
    this.#isFading = false;
    if (stage) {
      for (const id of stage.opening) this.#engine.setParam(id, "gainDb", 0);
      return;
    }
    const leaving = this.#leaving;
    this.#leaving = [];
    this.#retire(leaving);
    if (this.#waiting) this.#begin();
  }

  /** What a plugin that goes on is to be set to now. */
  #setParams(before: GraphDescription, { graph, processors }: Edit): void {
    const old = new Map(before.nodes.map((node) => [node.id, node]));
    for (const node of graph.nodes) {
      const was = old.get(node.id);
      if (node.kind !== "plugin" || was?.kind !== "plugin" || was.plugin !== node.plugin) continue;
      this.#engine.setBypass(node.id, node.bypassed ?? false);
      for (const { id, default: usual } of processors.get(node.id)!.manifest.params) {
        if (settingOf(node, id, usual) !== settingOf(was, id, usual))
          this.#engine.setParam(node.id, id, settingOf(node, id, usual));
      }
    }
  }

  /** Those that are not heard, not waited for, and not in `kept` either. */
  #retire(nodes: readonly ProcessorNode[], kept: readonly (readonly ProcessorNode[])[] = []): void {
    const needed = [this.#heard, this.#waiting].flatMap((edit) => [...(edit?.processors.values() ?? [])]);
    for (const node of nodes) {
      if (!holds([...needed, ...kept.flat()], node)) this.#options.onRetired?.(node);
    }
  }
}

function understood(nested: NestedGraph, processors: Processors): Edit {
  const graph = flatten(nested);
  const shapes = shapesOf(processors);
  validateGraph(graph, shapes);
  return { graph, processors, compensated: compensate(graph, shapes) };
}

function settingOf(node: PluginNode, id: string, usual: number): number {
  return node.params[id] ?? usual;
}

function holds(nodes: Iterable<ProcessorNode>, { processor }: ProcessorNode): boolean {
  for (const node of nodes) if (node.processor === processor) return true;
  return false;
}
