/** Single values that are set while a song plays. */
import type { GraphDescription } from "@gainstage/graph";
import type { Manifest } from "@gainstage/plugin-api";
import { checkParam, findParam } from "../reading/param-text.ts";

/** The parameter of a plugin by its id, "gainDb" of a gain, "pan" of a pan. */
export interface LiveValue {
  readonly node: string;
  readonly param: string;
  /** Plain; null is silence, for a gain. */
  readonly value: number | null;
}

/** Throws a RangeError for what the graph does not have, and a PluginFault for what the plugin does not take. */
export function requireValue(
  { nodes }: Pick<GraphDescription, "nodes">,
  { node: id, param, value }: LiveValue,
  manifestOf: (node: string) => Manifest,
): void {
  const node = nodes.find((one) => one.id === id);
  const own = node?.kind === "gain" ? "gainDb" : "pan";
  if (node?.kind !== "plugin" && (!node || !(own in node) || param !== own))
    throw new RangeError(`there is no parameter ${id}.${param} in the graph`);
  if (!(value === null ? own === "gainDb" && node.kind === "gain" : Number.isFinite(value)))
    throw new RangeError(`${id}.${param} cannot be ${value}; it must be a finite number`);
  if (node.kind !== "plugin") return;
  const manifest = manifestOf(id);
  const info = findParam(manifest, param);
  if (info.applies === "restart")
    throw new RangeError(
      `${id}.${param} applies when the plugin begins: set it by an edit, which puts another in its place`,
    );
  checkParam(manifest, info, value!);
}

/** The graph with these instead of its own, the last of them for what is set twice. Unknown nodes are passed over. */
export function graphWithValues(graph: GraphDescription, values: readonly LiveValue[]): GraphDescription {
  if (values.length === 0) return graph;
  const nodes = graph.nodes.map((node) => {
    const own = values.filter((value) => value.node === node.id);
    if (own.length === 0) return node;
    const set = Object.fromEntries(own.map(({ param, value }) => [param, value]));
    if (node.kind !== "plugin") return { ...node, ...set };
    return { ...node, params: { ...node.params, ...(set as Record<string, number>) } };
  });
  return { ...graph, nodes };
}
