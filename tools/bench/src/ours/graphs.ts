/** The graphs of W1, W2, W3 and W5, as anyone would describe them. */
import type { GraphDescription, GraphEdge, GraphNode } from "@gainstage/graph";
import type { PluginCatalog } from "@gainstage/host";
import {
  type Band,
  BUS_DB,
  CHAIN_GAIN,
  CHAINS,
  COMPRESSOR,
  DRIVE_DB,
  EQ4,
  EQ8,
  GAIN,
  GAINS_PER_CHAIN,
  gainToDb,
  LIMITER,
  PAN,
  REVERB_SECONDS,
  SEND_DB,
  TRACKS,
  trackPan,
  WIDTH,
} from "../workloads.ts";

const EQUALIZER = "dev.gainstage.equalizer";
const EQUALIZER_BANDS = 8;

const edge = (from: string, to: string): GraphEdge => ({
  from: { node: from, port: "out" },
  to: { node: to, port: "in" },
});

const stereo = <N>(node: N) => ({ ...node, channels: 2 as const });

function plugin(id: string, name: string, params: Readonly<Record<string, number>>): GraphNode {
  return stereo({ kind: "plugin" as const, id, plugin: `dev.gainstage.${name}`, params });
}

/** One node after the other, between an input and an output. */
function chain(inserts: readonly GraphNode[]): GraphDescription {
  const nodes = [
    stereo({ kind: "input" as const, id: "in" }),
    ...inserts,
    stereo({ kind: "output" as const, id: "out" }),
  ];
  return { nodes, edges: nodes.slice(1).map((node, i) => edge(nodes[i].id, node.id)) };
}

/** The bands, and the others off. */
export function equalizerParams(catalog: PluginCatalog, bands: readonly Band[]): Record<string, number> {
  const { params } = catalog.find(EQUALIZER).manifest;
  const types = params.find(({ id }) => id === "band1.type")?.choices ?? [];
  const typeOf = (name: string) => types.findIndex(({ id }) => id === name);
  const set = bands.flatMap(({ type, frequencyHz, q, gainDb }, i) => [
    [`band${i + 1}.type`, typeOf(type)],
    [`band${i + 1}.frequencyHz`, frequencyHz],
    [`band${i + 1}.q`, q],
    [`band${i + 1}.gainDb`, gainDb],
  ]);
  for (let band = bands.length + 1; band <= EQUALIZER_BANDS; band++)
    set.push([`band${band}.type`, typeOf("off")]);
  return Object.fromEntries(set);
}

const limiter = (id: string, inputGainDb: number) =>
  plugin(id, "limiter", {
    inputGainDb,
    ceilingDbtp: LIMITER.ceilingDbtp,
    lookaheadMs: LIMITER.lookaheadMs,
    releaseMs: LIMITER.releaseMs,
  });

export function w1Graph(catalog: PluginCatalog): GraphDescription {
  return chain([
    plugin("eq", "equalizer", equalizerParams(catalog, EQ8)),
    plugin("comp", "compressor", COMPRESSOR),
    stereo({ kind: "gain", id: "gain", gainDb: gainToDb(GAIN) }),
    stereo({ kind: "pan", id: "pan", pan: PAN, law: "balance" }),
  ]);
}

/** Without the meter, which comes after the graph. */
export function w2Graph(catalog: PluginCatalog): GraphDescription {
  const width = Object.fromEntries([1, 2, 3, 4].map((band) => [`width${band}Percent`, 100 * WIDTH]));
  return chain([
    plugin("eq", "equalizer", equalizerParams(catalog, EQ8)),
    plugin("comp", "compressor", COMPRESSOR),
    plugin("width", "stereo-imager", width),
    limiter("limiter", DRIVE_DB),
  ]);
}

/**
 *   track ─ eq ─ comp ─ pan ─┬──────────────────────────▶ bus ─ fader ─ limiter ─▶ out
 *                            ├─ send ─▶ reverb ────────────▲
 *                            └─ send ─▶ convolver, if any ─┘
 */
export function w3Graph(catalog: PluginCatalog, convolver: GraphNode | undefined): GraphDescription {
  const reverb = plugin("reverb", "reverb", { decayS: REVERB_SECONDS, mixPercent: 100 });
  const effects = convolver ? [reverb, convolver] : [reverb];
  const nodes: GraphNode[] = [];
  const edges: GraphEdge[] = [];
  for (let t = 0; t < TRACKS; t++) {
    const strip: readonly GraphNode[] = [
      stereo({ kind: "input", id: `track${t}` }),
      plugin(`eq${t}`, "equalizer", equalizerParams(catalog, EQ4)),
      plugin(`comp${t}`, "compressor", COMPRESSOR),
      stereo({ kind: "pan", id: `pan${t}`, pan: trackPan(t), law: "balance" }),
    ];
    nodes.push(...strip);
    for (let i = 1; i < strip.length; i++) edges.push(edge(strip[i - 1].id, strip[i].id));
    edges.push(edge(`pan${t}`, "bus"));
    for (const { id } of effects) {
      nodes.push(stereo({ kind: "send", id: `${id}${t}`, gainDb: SEND_DB }));
      edges.push(edge(`pan${t}`, `${id}${t}`), edge(`${id}${t}`, id));
    }
  }
  nodes.push(
    ...effects,
    stereo({ kind: "sum", id: "bus" }),
    stereo({ kind: "gain", id: "fader", gainDb: BUS_DB }),
    limiter("limiter", 0),
    stereo({ kind: "output", id: "out" }),
  );
  edges.push(...effects.map(({ id }) => edge(id, "bus")));
  edges.push(edge("bus", "fader"), edge("fader", "limiter"), edge("limiter", "out"));
  return { nodes, edges };
}

export function w5Graph(): GraphDescription {
  const nodes: GraphNode[] = [stereo({ kind: "input", id: "in" })];
  const edges: GraphEdge[] = [];
  for (let c = 0; c < CHAINS; c++) {
    for (let g = 0; g < GAINS_PER_CHAIN; g++) {
      nodes.push(stereo({ kind: "gain", id: `gain${c}.${g}`, gainDb: gainToDb(CHAIN_GAIN) }));
      edges.push(edge(g === 0 ? "in" : `gain${c}.${g - 1}`, `gain${c}.${g}`));
    }
    edges.push(edge(`gain${c}.${GAINS_PER_CHAIN - 1}`, "sum"));
  }
  nodes.push(stereo({ kind: "sum", id: "sum" }), stereo({ kind: "output", id: "out" }));
  edges.push(edge("sum", "out"));
  return { nodes, edges };
}
