/**
 * Where everything of a graph's drawing stands: lanes in blocks from left to right by rank, and between the blocks
 * gutters in which the edges to one bus share a trunk, as on a desk's routing plan.
 *
 *   name │ source  inserts  fader pan  sends │ trunks │ buses … │ trunks │ master
 *
 * An edge to a bus that is not in the next block crosses the blocks between through a passage of its own.
 */
import type { GraphNode } from "@gainstage/graph";
import type { Lane, SortedGraph } from "./graph-lanes.ts";
import { boxLines, nodeValue } from "./node-text.ts";
import { shortened } from "./number-text.ts";
import type { GraphReport } from "./report-data.ts";

export const LINE_HEIGHT = 13;
export const COLUMN_GAP = 16;
export const LANE_GAP = 12;
const BOX_PADDING = 6;
const LANE_PADDING = 6;
const TITLE_HEIGHT = 18;
const SEND_HEIGHT = 16;
const TRUNK_GAP = 10;
const GUTTER_PADDING = 16;
/** Of a character in the drawing's sizes, on the safe side of system fonts: name in bold, value, latency. */
const LINE_CHARACTER_WIDTHS = [7.6, 6.7, 6];
/** Of a strip's name, which is set larger and bold. */
const LABEL_CHARACTER_WIDTH = 7.8;
const CHARACTER_WIDTH = 6.4;

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface PlacedNode extends Box {
  readonly node: GraphNode;
  readonly lines: readonly string[];
}

export interface PlacedLane extends Box {
  readonly lane: Lane;
  /** The height at which the signal runs. */
  readonly lineY: number;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  /** Room for names to the left of the first block. */
  readonly labelWidth: number;
  /** By node id. */
  readonly nodes: ReadonlyMap<string, PlacedNode>;
  /** By lane id. */
  readonly lanes: ReadonlyMap<string, PlacedLane>;
  /** The trunk towards a lane (or from a sidechain's source) in the gutter before a block. */
  readonly trunkX: (block: number, purpose: string) => number;
  /** The height at which edges to a lane cross a block. */
  readonly passageY: (block: number, laneId: string) => number;
}

const textWidth = (text: string) => Math.ceil(text.length * CHARACTER_WIDTH);
const key = (block: number, purpose: string) => `${block} ${purpose}`;
export const sidechainPurpose = (laneId: string) => `sidechain ${laneId}`;
export const laneLabel = (lane: Lane) => shortened(lane.name, 24);
/** "Concert hall −12.0 dB" */
export function sendText(report: GraphReport, graph: SortedGraph, node: GraphNode): string {
  const target = graph.edges.find(({ edge }) => edge.from.node === node.id)?.edge.to.node;
  const name = target === undefined ? "nowhere" : graph.laneOf.get(target)!.name;
  return `${shortened(name, 14)} ${nodeValue(report, node)}`;
}

export function layOut(report: GraphReport, graph: SortedGraph): Layout {
  const ranks = Math.max(...graph.lanes.map(({ rank }) => rank)) + 1;
  const blocks = Array.from({ length: ranks }, (_, rank) => graph.lanes.filter((lane) => lane.rank === rank));
  const trunks = trunksOf(graph);
  const sizes = new Map(graph.lanes.map((lane) => [lane.id, laneSize(report, lane, graph.lanes.length > 1)]));
  const labelWidth =
    graph.lanes.length > 1
      ? Math.ceil(Math.max(...blocks[0].map((lane) => laneLabel(lane).length * LABEL_CHARACTER_WIDTH))) + 24
      : 0;

  const nodes = new Map<string, PlacedNode>();
  const lanes = new Map<string, PlacedLane>();
  const trunkX = new Map<string, number>();
  const passageY = new Map<string, number>();
  let x = labelWidth;
  for (const [rank, block] of blocks.entries()) {
    if (rank > 0) {
      const own = [...trunks.keys()].filter((k) => k.startsWith(`${rank} `));
      for (const [i, trunk] of own.entries()) trunkX.set(trunk, x + GUTTER_PADDING + i * TRUNK_GAP);
      x += 2 * GUTTER_PADDING + Math.max(0, own.length - 1) * TRUNK_GAP;
    }
    const columns = columnWidths(report, block);
    const sendX = x + LANE_PADDING + columns.reduce((sum, width) => sum + width + COLUMN_GAP, 0);
    const outWidth = outColumnWidth(report, graph, block);
    const right = sendX + outWidth + (outWidth > 0 ? LANE_PADDING : LANE_PADDING - COLUMN_GAP);
    for (const { item, top } of stack(itemsOf(rank, block, sizes, trunks, lanes))) {
      if (typeof item === "string") {
        passageY.set(item, top);
        continue;
      }
      const { height, boxHeight, titleHeight } = sizes.get(item.id)!;
      const boxTop = top + LANE_PADDING + titleHeight;
      const lineY = boxTop + boxHeight / 2;
      const left = rank === 0 ? 0 : x;
      lanes.set(item.id, { lane: item, x: left, y: top, width: right - left, height, lineY });
      for (const { node, column, row } of item.nodes) {
        const before = columns.slice(0, column).reduce((sum, width) => sum + width + COLUMN_GAP, 0);
        nodes.set(node.id, {
          node,
          lines: boxLines(report, node),
          x: x + LANE_PADDING + before,
          y: boxTop + row * (boxHeight + BOX_PADDING),
          width: columns[column],
          height: boxHeight,
        });
      }
      for (const [i, node] of item.sends.entries()) {
        const text = sendText(report, graph, node);
        nodes.set(node.id, {
          node,
          lines: [text],
          x: sendX,
          y: boxTop + boxHeight + 3 + i * (SEND_HEIGHT + 4) - SEND_HEIGHT / 2,
          width: outWidth,
          height: SEND_HEIGHT,
        });
      }
    }
    x = right;
  }
  const height = Math.max(...[...lanes.values()].map((lane) => lane.y + lane.height)) + LANE_GAP;
  return {
    width: x + 1,
    height,
    labelWidth,
    nodes,
    lanes,
    trunkX: (block, purpose) => trunkX.get(key(block, purpose))!,
    passageY: (block, laneId) => passageY.get(key(block, laneId))!,
  };
}

/** Trunks by block and purpose, each with the lanes that feed it. */
function trunksOf({ edges, laneOf, lanes }: SortedGraph): ReadonlyMap<string, readonly string[]> {
  const feeders = new Map<string, string[]>();
  const places = new Map(lanes.map((lane, i) => [lane.id, i]));
  const crossings = edges
    .map(({ edge, kind }) => ({ from: laneOf.get(edge.from.node)!, to: laneOf.get(edge.to.node)!, kind }))
    .sort((a, b) => places.get(a.to.id)! - places.get(b.to.id)!);
  for (const { from, to, kind } of crossings) {
    const purpose = kind === "sidechain" ? sidechainPurpose(from.id) : to.id;
    const last = kind === "sidechain" ? Math.min(to.rank, from.rank + 1) : to.rank;
    for (let block = from.rank + 1; block <= last; block++) {
      const known = feeders.get(key(block, purpose));
      if (known) known.push(from.id);
      else feeders.set(key(block, purpose), [from.id]);
    }
  }
  return feeders;
}

function laneSize(report: GraphReport, lane: Lane, titled: boolean) {
  const lines = Math.max(1, ...lane.nodes.map(({ node }) => boxLines(report, node).length));
  const rows = Math.max(1, ...lane.nodes.map(({ row }) => row + 1));
  const boxHeight = lines * LINE_HEIGHT + BOX_PADDING + 2;
  const titleHeight = titled && lane.rank > 0 ? TITLE_HEIGHT : 0;
  const boxes = rows * (boxHeight + BOX_PADDING) - BOX_PADDING;
  // The first send is half beside the boxes.
  const sends =
    lane.sends.length === 0 ? 0 : boxHeight + 3 + lane.sends.length * (SEND_HEIGHT + 4) - SEND_HEIGHT / 2 - 4;
  return { boxHeight, titleHeight, height: 2 * LANE_PADDING + titleHeight + Math.max(boxes, sends) };
}

function columnWidths(report: GraphReport, block: readonly Lane[]): number[] {
  const columns: number[] = [];
  for (const { node, column } of block.flatMap((lane) => lane.nodes)) {
    const widths = boxLines(report, node).map(
      (line, i) => line.length * LINE_CHARACTER_WIDTHS[Math.min(i, 2)],
    );
    const width = Math.ceil(Math.max(...widths)) + 14;
    for (let i = columns.length; i <= column; i++) columns.push(0);
    columns[column] = Math.max(columns[column], width);
  }
  return columns;
}

/** Sends, and above them the name of where the lane goes. */
function outColumnWidth(report: GraphReport, graph: SortedGraph, block: readonly Lane[]): number {
  const ids = new Set(block.map(({ id }) => id));
  const texts = block.flatMap(({ sends }) => sends.map((node) => sendText(report, graph, node)));
  for (const { edge, kind } of graph.edges) {
    const [from, to] = [graph.laneOf.get(edge.from.node)!, graph.laneOf.get(edge.to.node)!];
    if (ids.has(from.id) && from !== to && kind === "main") texts.push(laneLabel(to));
  }
  return texts.length === 0 ? 0 : Math.max(...texts.map(textWidth)) + 16;
}

/** What a block holds from top to bottom: its lanes, and passages by their key. */
interface Item {
  readonly item: Lane | string;
  readonly height: number;
  /** Where its middle would best be. */
  readonly wantedY: number;
}

function itemsOf(
  rank: number,
  block: readonly Lane[],
  sizes: ReadonlyMap<string, { readonly height: number }>,
  trunks: ReadonlyMap<string, readonly string[]>,
  placed: ReadonlyMap<string, PlacedLane>,
): Item[] {
  const middle = (feeders: readonly string[]) =>
    feeders.length === 0
      ? 0
      : feeders.reduce((sum, id) => sum + (placed.get(id)?.lineY ?? 0), 0) / feeders.length;
  const items = block.map((lane): Item => {
    const { height } = sizes.get(lane.id)!;
    return { item: lane, height, wantedY: middle(trunks.get(key(rank, lane.id)) ?? []) };
  });
  const own = new Set(block.map(({ id }) => key(rank, id)));
  for (const [trunk, feeders] of trunks) {
    const passes = trunk.startsWith(`${rank} `) && !trunk.includes(" sidechain ") && !own.has(trunk);
    if (passes) items.push({ item: trunk, height: 0, wantedY: middle(feeders) });
  }
  return rank === 0 ? items : items.sort((a, b) => a.wantedY - b.wantedY);
}

/** Tops as near as can be to where they are wanted, in order and apart: isotonic regression by pooling neighbours. */
function stack(items: readonly Item[]): { readonly item: Lane | string; readonly top: number }[] {
  const pools: { mean: number; count: number }[] = [];
  let offset = LANE_GAP;
  const offsets = items.map(({ height }) => {
    const own = offset;
    offset += height + LANE_GAP;
    return own;
  });
  for (const [i, { wantedY, height }] of items.entries()) {
    let pool = { mean: wantedY - height / 2 - offsets[i], count: 1 };
    for (let last = pools.at(-1); last && last.mean >= pool.mean; last = pools.at(-1)) {
      const count = last.count + pool.count;
      pool = { mean: (last.mean * last.count + pool.mean * pool.count) / count, count };
      pools.pop();
    }
    pools.push(pool);
  }
  const shifts = pools.flatMap(({ mean, count }) => Array.from({ length: count }, () => Math.max(0, mean)));
  return items.map(({ item }, i) => ({ item, top: Math.round(offsets[i] + shifts[i]) }));
}
