/** From a graph to the code of each of its plugins, or to what stands in for it. Nothing runs yet. */
import { type GraphDescription, GraphError, type PluginNode } from "@gainstage/graph";
import { cardProblems, type Manifest, manifestOfCard, PluginFault } from "@gainstage/plugin-api";
import type { PluginCatalog } from "../catalog/catalog.ts";
import type { CatalogEntry } from "../catalog/catalog-entry.ts";
import { readCode } from "../loading/load.ts";
import type { LoadOptions, PluginCode } from "../loading/plugin-code.ts";
import { unknownManifest } from "./placeholder.ts";

/** Passes its input on, late by `latencyFrames`. */
export interface PlaceholderCode {
  readonly manifest: Manifest;
  readonly placeholder: { readonly latencyFrames: number };
}

export type NodeCode = PluginCode | PlaceholderCode;

/** A node whose plugin could not be had. */
export interface Placeholder {
  readonly node: string;
  readonly plugin: string;
  readonly code: PluginFault["code"];
  /** Why, and what to do. */
  readonly message: string;
}

export interface ResolvedPlugins {
  /** As asked for, but for the parameters of what stands in for another plugin. */
  readonly graph: GraphDescription;
  readonly codes: readonly NodeCode[];
  /** By plugin node id, in the order of the graph's nodes: which of the codes it runs. */
  readonly codeOf: ReadonlyMap<string, number>;
  readonly placeholders: readonly Placeholder[];
  readonly otherContents: readonly OtherContent[];
}

/** A node whose plugin was found, but not the very content that made the sound before. */
export interface OtherContent {
  readonly node: string;
  readonly plugin: string;
  readonly version: string;
  readonly message: string;
}

/** Each code is read once, by `read`. `lost` has nodes, by id, whose plugin could not be started. Throws a PluginFault for the first that cannot be had, unless `missing` allows it. */
export function resolvePlugins(
  graph: GraphDescription,
  catalog: PluginCatalog,
  options: LoadOptions,
  missing: "refuse" | "placeholder",
  lost: ReadonlyMap<string, PluginFault> = new Map(),
  read: typeof readCode = readCode,
): ResolvedPlugins {
  const codes: NodeCode[] = [];
  const codeOf = new Map<string, number>();
  const placeholders: Placeholder[] = [];
  const otherContents: OtherContent[] = [];
  const known = new Map<string, Found | PluginFault>();
  const renamed = new Map<string, CatalogEntry["standsInFor"]>();
  for (const node of graph.nodes) {
    if (node.kind !== "plugin") continue;
    const name = node.version === undefined ? node.plugin : `${node.plugin}@${node.version}`;
    let found = known.get(name);
    if (found === undefined) {
      try {
        const entry = catalog.find(node.plugin, node.version);
        found = { code: codes.push(read(entry, options)) - 1, standsInFor: entry.standsInFor };
      } catch (error) {
        if (!(error instanceof PluginFault) || missing === "refuse") throw error;
        found = error;
      }
      known.set(name, found);
    }
    const fault = lost.get(node.id) ?? found;
    if (fault instanceof PluginFault) {
      const { code, message } = fault;
      placeholders.push({ node: node.id, plugin: node.plugin, code, message });
      const own = found instanceof PluginFault ? undefined : codes[found.code].manifest;
      codeOf.set(node.id, codes.push(placeholderFor(graph, node, own)) - 1);
      if (!(found instanceof PluginFault) && found.standsInFor) renamed.set(node.id, found.standsInFor);
    } else if (!(found instanceof PluginFault)) {
      codeOf.set(node.id, found.code);
      if (found.standsInFor) renamed.set(node.id, found.standsInFor);
      const { hash, manifest } = codes[found.code] as PluginCode;
      if (node.integrity !== undefined && node.integrity !== hash) {
        const { id: plugin, version } = manifest;
        const message = `plugin ${plugin}: version ${version} is here with other content than was pinned, and may sound otherwise`;
        otherContents.push({ node: node.id, plugin, version, message });
      }
    }
  }
  return { graph: withNewNames(graph, renamed), codes, codeOf, placeholders, otherContents };
}

interface Found {
  readonly code: number;
  readonly standsInFor: CatalogEntry["standsInFor"];
}

/** Values of the plugin that is not there, by the parameter ids of the one that stands in for it. */
export function renamedParams<T>(
  { standsInFor }: Pick<CatalogEntry, "standsInFor">,
  params: Readonly<Record<string, T>>,
): Record<string, T> {
  return Object.fromEntries(Object.entries(params).map(([id, value]) => [newName(standsInFor, id), value]));
}

function newName(standsInFor: CatalogEntry["standsInFor"], id: string): string {
  return standsInFor && Object.hasOwn(standsInFor.params, id) ? standsInFor.params[id] : id;
}

function withNewNames(
  graph: GraphDescription,
  renamed: ReadonlyMap<string, CatalogEntry["standsInFor"]>,
): GraphDescription {
  if (renamed.size === 0) return graph;
  const nodes = graph.nodes.map((node) =>
    node.kind === "plugin"
      ? { ...node, params: renamedParams({ standsInFor: renamed.get(node.id) }, node.params) }
      : node,
  );
  const lanes = (graph.lanes ?? []).map((lane) => ({
    ...lane,
    param: newName(renamed.get(lane.node), lane.param),
  }));
  return { ...graph, nodes, lanes };
}

/** `own` is the manifest of a plugin that is there, but does not start. */
function placeholderFor(graph: GraphDescription, node: PluginNode, own?: Manifest): PlaceholderCode {
  const problems = node.card ? cardProblems(node.card) : [];
  if (problems.length > 0)
    throw new GraphError(
      problems.map(({ path, message }) => `node "${node.id}": ${path} of its card ${message}`),
    );
  const latencyFrames = node.card?.latencyFrames ?? 0;
  if (own) return { manifest: own, placeholder: { latencyFrames } };
  if (node.card) {
    return { manifest: manifestOfCard(node.plugin, node.card), placeholder: { latencyFrames } };
  }
  const lanes = (graph.lanes ?? []).filter((lane) => lane.node === node.id);
  const params = new Set([...Object.keys(node.params), ...lanes.map((lane) => lane.param)]);
  const ports = new Set(graph.edges.filter(({ to }) => to.node === node.id).map(({ to }) => to.port));
  ports.delete("in");
  const manifest = unknownManifest(node.plugin, [...params], [...ports]);
  return { manifest, placeholder: { latencyFrames: 0 } };
}
