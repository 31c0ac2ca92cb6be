/** Automation as the plugins may hear it. */
import type { GraphDescription } from "@gainstage/graph";
import { clampParam, type Manifest, type ParamInfo } from "@gainstage/plugin-api";

/**
 * The graph with every lane of a plugin as the plugin may hear it: points within the parameter's range, and steps for
 * an enumeration or a switch, since there is nothing between two choices for a curve to pass through.
 */
export function withPluginLanes(
  graph: GraphDescription,
  /** By the id of a plugin node. */
  manifestOf: (node: string) => Manifest | undefined,
): GraphDescription {
  const lanes = graph.lanes?.map((lane) => {
    const manifest = manifestOf(lane.node);
    const param = manifest && paramNamed(manifest, lane.param);
    if (!param) return lane;
    const steps = param.choices !== undefined || param.unit === "bool";
    const points = lane.points.map((point) => ({
      ...point,
      value: point.value === null ? null : clampParam(param, point.value),
      curve: steps ? ("hold" as const) : point.curve,
    }));
    return { ...lane, param: param.id, points };
  });
  return lanes ? { ...graph, lanes } : graph;
}

function paramNamed({ params }: Manifest, name: string): ParamInfo | undefined {
  return params.find(({ id }) => id === name) ?? params.find(({ aliases }) => aliases?.includes(name));
}
