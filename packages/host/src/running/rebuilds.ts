/** Builds a plugin anew after its first failure, between two blocks of the engine that it failed in. */
import type { Engine, RuntimeFault } from "@gainstage/graph";
import { PluginFault, type RunningProcessor } from "@gainstage/plugin-api";

/** Who has the code of the nodes. */
export interface Rebuilder {
  /** A processor as the node had at its start. Throws a PluginFault. */
  again(node: string): RunningProcessor;
}

export class Rebuilds {
  readonly #rebuilder: Rebuilder;
  readonly #notAgain: ReadonlySet<string>;
  readonly #wanted: string[] = [];

  /** `notAgain` names nodes whose plugin did not come back from being built anew. */
  constructor(rebuilder: Rebuilder, notAgain: ReadonlySet<string> = new Set()) {
    this.#rebuilder = rebuilder;
    this.#notAgain = notAgain;
  }

  failed({ node, attempt }: RuntimeFault): void {
    if (attempt === 1 && !this.#notAgain.has(node)) this.#wanted.push(node);
  }

  /** Between blocks. A plugin that cannot be built again stays off. `installed` hears of those that run. */
  install(engine: Engine, installed?: (node: string, processor: RunningProcessor) => void): void {
    for (let node = this.#wanted.pop(); node !== undefined; node = this.#wanted.pop()) {
      let processor: RunningProcessor;
      try {
        processor = this.#rebuilder.again(node);
      } catch (error) {
        if (error instanceof PluginFault) continue;
        throw error;
      }
      if (engine.install(node, processor)) installed?.(node, processor);
      else processor.dispose();
    }
  }
}
