/**
 * Edits while the song runs: whatever the graph was and is to be, what is heard goes from the one to the other in 20 ms.
 *
 *   edit ─▶ graph between (transition.ts) ─ latency of what is new ─ 20 ms ─▶ graph after ─▶ the latest edit meanwhile, if any
 *
 * Edits that come faster are not lost one by one but passed over for the last: a thousand a second cost no more than
 * fifty. Once settled, the engine runs the very plan that an offline render of the graph runs.
 *
 * Here plans are made on the thread that renders. Where that must not be, planEdit() makes them elsewhere, and an EditRun
 * carries them out.
 */
import type { NestedGraph } from "../description/graph.ts";
import type { Engine } from "../running/engine.ts";
import type { ProcessorNode } from "../running/plugin-runner.ts";
import { shapeOf } from "../running/processor-shape.ts";
import { type PlannedGraph, type PlanOptions, planEdit, planGraph } from "./edit-plan.ts";
import { EditRun } from "./edit-run.ts";

type Processors = ReadonlyMap<string, ProcessorNode>;

export interface EditsOptions extends PlanOptions {
  /** [control] Nobody hears this processor any more. */
  readonly onRetired?: (processor: ProcessorNode) => void;
}

interface Edit {
  readonly planned: PlannedGraph;
  readonly processors: Processors;
}

export class Edits {
  readonly #options: EditsOptions;
  readonly #run: EditRun;
  #heard: Edit;
  /** Processors of this change that are not needed when it is over. */
  #leaving: readonly ProcessorNode[] = [];
  #waiting: Edit | undefined;

  /** [control] `engine` runs `graph` with `processors`; from here on it is run through this. */
  constructor(engine: Engine, graph: NestedGraph, processors: Processors, options: EditsOptions) {
    this.#options = options;
    this.#run = new EditRun(engine, processors);
    this.#heard = understood(graph, processors);
  }

  /** True when no edit is under way. */
  get isSettled(): boolean {
    return this.#run.isSettled && this.#waiting === undefined;
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
    if (this.#run.isSettled) this.#begin();
  }

  /** [audio] Renders the next block: inputs and outputs are the engine's. */
  run(frames: number): void {
    this.#run.run(frames);
  }

  /** [control, between blocks] Goes on with the edit when it is time. To be called now and then. */
  tend(): void {
    if (!this.#run.tend()) return;
    const leaving = this.#leaving;
    this.#leaving = [];
    this.#retire(leaving);
    if (this.#waiting) this.#begin();
  }

  #begin(): void {
    const next = this.#waiting!;
    const before = this.#heard;
    this.#waiting = undefined;
    this.#heard = next;
    this.#leaving = [...before.processors.values()].filter((node) => !holds(next.processors.values(), node));
    this.#run.begin(planEdit(before.planned, next.planned, this.#options), next.processors);
  }

  /** Those that are not heard, not waited for, and not in `kept` either. */
  #retire(nodes: readonly ProcessorNode[], kept: readonly (readonly ProcessorNode[])[] = []): void {
    const needed = [this.#heard, this.#waiting].flatMap((edit) => [...(edit?.processors.values() ?? [])]);
    for (const node of nodes) {
      if (!holds([...needed, ...kept.flat()], node)) this.#options.onRetired?.(node);
    }
  }
}

function understood(graph: NestedGraph, processors: Processors): Edit {
  const plugins = [...processors].map(
    ([id, node]) => [id, { key: node.processor, manifest: node.manifest, shape: shapeOf(node) }] as const,
  );
  return { planned: planGraph(graph, new Map(plugins)), processors };
}

function holds(nodes: Iterable<ProcessorNode>, { processor }: ProcessorNode): boolean {
  for (const node of nodes) if (node.processor === processor) return true;
  return false;
}
