/**
 * The order in which nodes run: Kahn's algorithm, ready nodes by their place in the description, except that a node
 * which has just become ready because of the one before it goes first, so that a chain stays together and its
 * buffers live briefly.
 */
import type { GraphDescription } from "../description/graph.ts";
import { MinHeap } from "./min-heap.ts";

/** Indices into graph.nodes, sources before targets but for ways back. There must be no other cycle, see findCycle(). */
export function runOrder(graph: GraphDescription): readonly number[] {
  const { successors, waitingFor } = adjacency(graph);
  const ready = new MinHeap();
  waitingFor.forEach((count, node) => {
    if (count === 0) ready.push(node);
  });
  const order: number[] = [];
  let next = ready.pop();
  while (next !== undefined) {
    order.push(next);
    let follow: number | undefined;
    for (const successor of successors[next]) {
      if (--waitingFor[successor] > 0) continue;
      if (follow === undefined || successor < follow) {
        if (follow !== undefined) ready.push(follow);
        follow = successor;
      } else ready.push(successor);
    }
    next = follow ?? ready.pop();
  }
  return order;
}

/** The ids along one cycle, or undefined. Iterative: a long chain cannot exhaust the stack. */
export function findCycle(graph: GraphDescription): readonly string[] | undefined {
  const { successors } = adjacency(graph);
  const [fresh, open, done] = [0, 1, 2];
  const colour = new Uint8Array(graph.nodes.length).fill(fresh);
  const nextChild = new Int32Array(graph.nodes.length);
  for (let root = 0; root < graph.nodes.length; root++) {
    if (colour[root] !== fresh) continue;
    const path = [root];
    colour[root] = open;
    while (path.length > 0) {
      const node = path[path.length - 1];
      const child = successors[node][nextChild[node]++];
      if (child === undefined) {
        colour[node] = done;
        path.pop();
      } else if (colour[child] === open) {
        return path.slice(path.indexOf(child)).map((index) => graph.nodes[index].id);
      } else if (colour[child] === fresh) {
        colour[child] = open;
        path.push(child);
      }
    }
  }
  return undefined;
}

function adjacency(graph: GraphDescription): { successors: number[][]; waitingFor: number[] } {
  const index = new Map(graph.nodes.map((node, i) => [node.id, i]));
  const successors: number[][] = graph.nodes.map(() => []);
  const waitingFor: number[] = graph.nodes.map(() => 0);
  for (const { from, to, feedbackFrames } of graph.edges) {
    if (feedbackFrames !== undefined) continue;
    const source = index.get(from.node)!;
    const target = index.get(to.node)!;
    successors[source].push(target);
    waitingFor[target]++;
  }
  return { successors, waitingFor };
}
