/** How the edges of a graph's drawing run: at right angles with rounded corners, along trunks and passages. */
import type { GraphEdge } from "@gainstage/graph";
import type { EdgeKind, SortedGraph } from "./graph-lanes.ts";
import { COLUMN_GAP, LANE_GAP, type Layout, type PlacedNode, sidechainPurpose } from "./graph-layout.ts";

const CORNER_RADIUS = 5;

export type Point = readonly [x: number, y: number];

export interface Route {
  readonly edge: GraphEdge;
  readonly kind: EdgeKind;
  readonly points: readonly Point[];
  /** The lane that it goes to, if that is another than the one it comes from. */
  readonly toLane: string | null;
}

export function routes(graph: SortedGraph, layout: Layout): readonly Route[] {
  return graph.edges.map(({ edge, kind }) => {
    const from = layout.nodes.get(edge.from.node)!;
    const to = layout.nodes.get(edge.to.node)!;
    const [source, target] = [graph.laneOf.get(edge.from.node)!, graph.laneOf.get(edge.to.node)!];
    const toLane = source === target ? null : target.id;
    if (kind === "sidechain") {
      const forward = target.rank > source.rank;
      const x = forward
        ? layout.trunkX(source.rank + 1, sidechainPurpose(source.id))
        : right(from) + COLUMN_GAP - 5;
      const above = layout.lanes.get(target.id)!.y - LANE_GAP / 2;
      const y = middle(from) + 5;
      const into = to.x + Math.min(to.width / 2, 24);
      return {
        edge,
        kind,
        toLane,
        points: [
          [right(from), y],
          [x, y],
          [x, above],
          [into, above],
          [into, to.y],
        ],
      };
    }
    if (target.rank > source.rank) return { edge, kind, toLane, points: alongTrunks(from, to) };
    if (to.x > right(from)) {
      const x = to.node.kind === "send" ? right(from) + 6 : to.x - 8;
      return { edge, kind, toLane, points: [start(from), [x, middle(from)], [x, middle(to)], end(to)] };
    }
    const above = layout.lanes.get(target.id)!.y - LANE_GAP / 2;
    const [out, into] = [right(from) + 6, to.x - 8];
    return {
      edge,
      kind,
      toLane,
      points: [start(from), [out, middle(from)], [out, above], [into, above], [into, middle(to)], end(to)],
    };

    function alongTrunks(first: PlacedNode, last: PlacedNode): Point[] {
      const points: Point[] = [start(first)];
      let y = middle(first);
      for (let block = source.rank + 1; block <= target.rank; block++) {
        const x = layout.trunkX(block, target.id);
        const next = block === target.rank ? middle(last) : layout.passageY(block, target.id);
        points.push([x, y], [x, next]);
        y = next;
      }
      return [...points, end(last)];
    }
  });
}

const right = ({ x, width }: PlacedNode) => x + width;
const middle = ({ y, height }: PlacedNode) => y + height / 2;
const start = (node: PlacedNode): Point => [right(node), middle(node)];
const end = (node: PlacedNode): Point => [node.x, middle(node)];

/** A path through `points` whose corners are rounded. */
export function roundedPath(points: readonly Point[]): string {
  const bends = points.filter(
    ([x, y], i) => i === 0 || Math.abs(x - points[i - 1][0]) + Math.abs(y - points[i - 1][1]) > 0.01,
  );
  let path = `M${text(bends[0])}`;
  for (let i = 1; i < bends.length - 1; i++) {
    const corner = bends[i];
    path += `L${text(towards(corner, bends[i - 1]))}Q${text(corner)} ${text(towards(corner, bends[i + 1]))}`;
  }
  return `${path}L${text(bends[bends.length - 1])}`;
}

/** The end of a corner's curve on the way to a neighbour. */
function towards([x, y]: Point, [toX, toY]: Point): Point {
  const length = Math.hypot(toX - x, toY - y);
  const share = Math.min(CORNER_RADIUS, length / 2) / length;
  return [x + (toX - x) * share, y + (toY - y) * share];
}

function text([x, y]: Point): string {
  return `${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}`;
}
