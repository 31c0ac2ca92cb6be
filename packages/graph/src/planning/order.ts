/**
 * The order in which nodes run: Kahn's algorithm, ready nodes by their place in the description, except that a node
 * which has just become ready because of the one before it goes first, so that a chain stays together and its
 * buffers live briefly.
 */
import type { GraphDescription } from "../description/graph.ts";
import { MinHeap } from "./min-heap.ts";
import { wiringOf } from "./wiring.ts";

/** Indices into graph.nodes, sources before targets but for ways back. There must be no other cycle, see findCycle(). */
export function runOrder(graph: GraphDescription): readonly number[] {
  const { edges, nodes } = graph;
  const { to, outStart, edgesOut } = wiringOf(graph);
  const waitingFor = new Int32Array(nodes.length);
  for (let e = 0; e < edges.length; e++) if (edges[e].feedbackFrames === undefined) waitingFor[to[e]]++;
  const ready = new MinHeap();
  for (let node = 0; node < nodes.length; node++) if (waitingFor[node] === 0) ready.push(node);
  const order: number[] = [];
  let next = ready.pop();
  while (next !== undefined) {
    order.push(next);
    let follow: number | undefined;
    for (let k = outStart[next]; k < outStart[next + 1]; k++) {
      const edge = edgesOut[k];
      if (edges[edge].feedbackFrames !== undefined) continue;
      const successor = to[edge];
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
  const { edges, nodes } = graph;
  const { to, outStart, edgesOut } = wiringOf(graph);
  const [fresh, open, done] = [0, 1, 2];
  const colour = new Uint8Array(nodes.length).fill(fresh);
  const nextChild = outStart.slice();
  for (let root = 0; root < nodes.length; root++) {
    if (colour[root] !== fresh) continue;
    const path = [root];
    colour[root] = open;
    while (path.length > 0) {
      const node = path[path.length - 1];
      if (nextChild[node] === outStart[node + 1]) {
        colour[node] = done;
        path.pop();
        continue;
      }
      const edge = edgesOut[nextChild[node]++];
      const child = to[edge];
      if (edges[edge].feedbackFrames !== undefined) continue;
      if (colour[child] === open) return path.slice(path.indexOf(child)).map((index) => nodes[index].id);
      if (colour[child] !== fresh) continue;
      colour[child] = open;
      path.push(child);
    }
  }
  return undefined;
}
