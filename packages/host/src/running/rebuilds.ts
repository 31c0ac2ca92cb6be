/** Builds a plugin anew after its first failure, between two blocks of the engine that it failed in. */
import type { Engine, RuntimeFault } from "@gainstage/graph";
import { PluginFault, type RunningProcessor } from "@gainstage/plugin-api";
import type { PluginRack } from "./activation.ts";

export class Rebuilds {
  readonly #rack: PluginRack;
  readonly #notAgain: ReadonlySet<string>;
  readonly #wanted: string[] = [];

  /** `notAgain` names nodes whose plugin did not come back from being built anew. */
  constructor(rack: PluginRack, notAgain: ReadonlySet<string>) {
    this.#rack = rack;
    this.#notAgain = notAgain;
  }

  failed({ node, attempt }: RuntimeFault): void {
    if (attempt === 1 && !this.#notAgain.has(node)) this.#wanted.push(node);
  }

  /** Between blocks. A plugin that cannot be built again stays off. */
  install(engine: Engine): void {
    for (let node = this.#wanted.pop(); node !== undefined; node = this.#wanted.pop()) {
      let processor: RunningProcessor;
      try {
        processor = this.#rack.again(node);
      } catch (error) {
        if (error instanceof PluginFault) continue;
        throw error;
      }
      if (!engine.install(node, processor)) processor.dispose();
    }
  }
}
