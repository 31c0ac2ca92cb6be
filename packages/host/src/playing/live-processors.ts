/** What runs on the thread that plays, as the control side knows it: code by number, and the processors of nodes. */
import type { GraphDescription, PlannedPlugin, PluginNode } from "@gainstage/graph";
import type { Manifest, SavedState } from "@gainstage/plugin-api";
import { type ActivationSetup, connectedPorts, setupFor } from "../running/activation.ts";
import type { NodeCode } from "../running/resolve-plugins.ts";
import { outdated } from "./live-code.ts";
import type { WantedProcessor } from "./live-messages.ts";
import type { Activated } from "./live-rack.ts";

/** A processor that runs, or is about to. */
export interface KnownProcessor {
  readonly wanted: WantedProcessor;
  /** What of its activation could have been otherwise. */
  readonly ports: string;
  readonly shape: Activated["shape"];
}

/** By plugin node id. */
export type KnownProcessors = ReadonlyMap<string, KnownProcessor>;

/** What a node is to run: a processor that there is, or one to be activated. */
export type NodeNeed =
  | { readonly kind: "known"; readonly known: KnownProcessor }
  | { readonly kind: "wanted"; readonly wanted: WantedProcessor; readonly ports: string };

export class LiveProcessors {
  readonly #setup: ActivationSetup;
  readonly #codes = new Map<number, NodeCode>();
  #codeCount = 0;
  #handleCount = 0;

  constructor(setup: ActivationSetup) {
    this.#setup = setup;
  }

  codeAt(code: number): NodeCode | undefined {
    return this.#codes.get(code);
  }

  /** The number of code that is loaded. */
  numberOf(content: NodeCode): number | undefined {
    for (const [code, known] of this.#codes) if (isSameCode(known, content)) return code;
    return undefined;
  }

  /** A number for code to be loaded. */
  add(content: NodeCode): number {
    this.#codes.set(++this.#codeCount, content);
    return this.#codeCount;
  }

  /** It could not be loaded. */
  forget(code: number): void {
    this.#codes.delete(code);
  }

  /** Code that is outdated once these run is not there any more. */
  keep(processors: KnownProcessors): void {
    const used = [...processors.values()].map(({ wanted }) => wanted.code);
    for (const code of outdated(this.#codes, used)) this.#codes.delete(code);
  }

  /** What each plugin node of a graph is to run, given what runs. Its code is loaded. Throws a PluginFault for its parameters. */
  needs(
    graph: GraphDescription,
    contentOf: (node: string) => NodeCode,
    running: KnownProcessors,
  ): ReadonlyMap<string, NodeNeed> {
    const connected = connectedPorts(graph);
    const needs = new Map<string, NodeNeed>();
    for (const node of graph.nodes) {
      if (node.kind !== "plugin") continue;
      const content = contentOf(node.id);
      const code = this.numberOf(content)!;
      const here = connected.get(node.id) ?? [];
      const { inputs, outputs } = setupFor(content.manifest, node, here, this.#setup);
      const ports = JSON.stringify([inputs, outputs]);
      const known = running.get(node.id);
      const isSame = known?.ports === ports && known.wanted.code === code;
      if (isSame && goesOn(content.manifest, known.wanted.node, node)) {
        needs.set(node.id, { kind: "known", known });
        continue;
      }
      const from =
        known && known.wanted.node.plugin === node.plugin && !node.state ? known.wanted.handle : undefined;
      const handle = ++this.#handleCount;
      const wanted = { handle, node, connected: here, code, ...(from !== undefined && { from }) };
      needs.set(node.id, { kind: "wanted", wanted, ports });
    }
    return needs;
  }
}

/** As a plan must know them. */
export function plannedPlugins(
  processors: KnownProcessors,
  contentOf: (node: string) => NodeCode,
): ReadonlyMap<string, PlannedPlugin> {
  return new Map(
    [...processors].map(([id, { wanted, shape }]) => [
      id,
      { key: wanted.handle, manifest: contentOf(id).manifest, shape },
    ]),
  );
}

function isSameCode(a: NodeCode, b: NodeCode): boolean {
  if ("placeholder" in a || "placeholder" in b) return JSON.stringify(a) === JSON.stringify(b);
  return a.hash === b.hash;
}

/** Whether the processor of one node can be that of the other: all else may be set while it runs. */
function goesOn({ params }: Manifest, a: PluginNode, b: PluginNode): boolean {
  const atRestart = params.filter(({ applies }) => applies === "restart");
  const differs = atRestart.some(
    ({ id, default: usual }) => (a.params[id] ?? usual) !== (b.params[id] ?? usual),
  );
  return !differs && isSameState(a.state, b.state);
}

function isSameState(a: SavedState | undefined, b: SavedState | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return (
    a.version === b.version && a.bytes.length === b.bytes.length && a.bytes.every((x, i) => x === b.bytes[i])
  );
}
