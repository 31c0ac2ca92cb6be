/** What the attempts at a render have shown of its plugins, so that the next attempt gets past it. */
import type { RuntimeFault } from "@gainstage/graph";
import { PluginFault } from "@gainstage/plugin-api";
import type { HostEvents } from "../events.ts";
import { condemn, type Quarantine } from "../running/quarantine.ts";
import type { ResolvedPlugins } from "../running/resolve-plugins.ts";
import type { Hang } from "./render-thread.ts";

export class RenderFailures {
  /** By node id, engine frames of calls that do not end. */
  readonly hangs = new Map<string, number[]>();
  /** Nodes whose plugin does not come back from being built anew, and the faults to tell of them. */
  readonly notAgain = new Set<string>();
  readonly unreturned: RuntimeFault[] = [];
  /** Nodes that trapped in a memory that they shared with others. */
  readonly isolated = new Set<string>();
  /** Faults that were told already: "node attempt". */
  readonly told = new Set<string>();
  readonly #events: HostEvents;
  readonly #quarantine: Pick<Quarantine, "add"> | undefined;

  constructor(events: HostEvents, quarantine: Pick<Quarantine, "add"> | undefined) {
    this.#events = events;
    this.#quarantine = quarantine;
  }

  /** Makes sure that the next attempt does not hang at the same place. Throws a PluginFault if there is no way round it. */
  leaveOut(
    { doing, code, node, frame }: Hang,
    plugins: ResolvedPlugins,
    faults: readonly RuntimeFault[],
  ): void {
    const { hangs, notAgain, unreturned } = this;
    const index = code ?? (node === undefined ? undefined : plugins.codeOf.get(node));
    const bad = index === undefined ? undefined : plugins.codes[index];
    const plugin = bad?.manifest.id ?? "unknown";
    if (doing === "processing" && node !== undefined) {
      hangs.set(
        node,
        [...(hangs.get(node) ?? []), frame].sort((a, b) => a - b),
      );
      return;
    }
    const what =
      doing === "starting" ? "its module does not finish starting" : "its activate() does not return";
    if (bad) condemn(bad, "hang", this.#quarantine);
    const failed = faults.find((fault) => fault.node === node);
    if (doing === "activating" && node !== undefined && failed && !notAgain.has(node)) {
      notAgain.add(node);
      const fault = { ...failed, code: "hang", attempt: 2, message: `plugin ${plugin}: ${what}` } as const;
      unreturned.push(fault);
      this.#events.emit("fault", fault);
      return;
    }
    const fault = new PluginFault("hang", plugin, what);
    if (node !== undefined) fault.node = node;
    throw fault;
  }
}

/** What a trap left behind in the memory of a package may reach every processor in it. */
export function sharesMemory({ node, code }: RuntimeFault, { codes, codeOf }: ResolvedPlugins): boolean {
  const index = codeOf.get(node)!;
  if (code !== "trap" || !("module" in codes[index])) return false;
  return [...codeOf.values()].filter((other) => other === index).length > 1;
}

/** The nodes that cannot be had for it: its own, or all that run the plugin. */
export function nodesOf(fault: PluginFault, { codes, codeOf }: ResolvedPlugins): readonly string[] {
  if (fault.node !== undefined) return [fault.node];
  return [...codeOf].flatMap(([node, code]) => (codes[code].manifest.id === fault.plugin ? [node] : []));
}
