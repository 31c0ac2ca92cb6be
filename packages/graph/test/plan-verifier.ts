/**
 * Runs a plan on symbols instead of sound: every channel of every buffer holds the list of terms that it is the sum of, each
 * the output of a node, late by so many frames, times a gain. What a node's step reads must be what the description says
 * that it hears, term by term and in order; a buffer that was written over too early gives itself away.
 */

import { inputPorts, outputPorts } from "../src/description/graph.ts";
import { type GraphNode, mixMatrix, type PluginShapes } from "../src/index.ts";
import type { CompensatedGraph } from "../src/planning/latency.ts";
import type { Plan, PortBuffer, Slot } from "../src/planning/plan.ts";

interface Term {
  /** "node:port:channel". */
  readonly of: string;
  readonly late: number;
  readonly gain: number;
}
type Terms = readonly Term[];

const POISON: Terms = [{ of: "what nobody may read", late: 0, gain: Number.NaN }];
const textOf = (terms: Terms) =>
  terms.map(({ of, late, gain }) => `${gain} ${of} -${late}`).join(" + ") || "silence";

/** Throws an Error that names the first node that would hear something else than the graph says. */
export function verifyPlan(plan: Plan, graph: CompensatedGraph, shapes: PluginShapes): void {
  const buffers = plan.bufferWidths.map((width, b) => new Array<Terms>(width).fill(b === 0 ? [] : POISON));
  const at = ({ buffer, channel }: Slot, c = 0) => buffers[buffer][channel + c];
  const put = ({ buffer, channel }: Slot, c: number, terms: Terms) => {
    if (buffer === 0) throw new Error("the plan writes to the buffer that is silence");
    buffers[buffer][channel + c] = terms;
  };
  const read = (port: PortBuffer) => buffers[port.buffer].slice(0, port.channels);
  const atoms = (node: string, port: string, channels: number): Terms[] =>
    Array.from({ length: channels }, (_, c) => [{ of: `${node}:${port}:${c}`, late: 0, gain: 1 }]);
  const scaled = (terms: Terms, gain: number) => terms.map((term) => ({ ...term, gain: term.gain * gain }));
  const delayed = (terms: Terms, frames: number) =>
    terms.map((term) => ({ ...term, late: term.late + frames }));

  const expected = (node: GraphNode, port: string, channels: number): Terms[] => {
    const sum: Term[][] = Array.from({ length: channels }, () => []);
    for (const { from, to, mix, delayFrames } of graph.edges) {
      if (to.node !== node.id || to.port !== port) continue;
      const source = graph.nodes.find(({ id }) => id === from.node)!;
      const columns = outputPorts(source, shapes).find(({ id }) => id === from.port)!.channels;
      const matrix = mix ?? mixMatrix(columns, channels);
      for (let c = 0; c < channels; c++)
        for (let k = 0; k < columns; k++) {
          const gain = columns === channels && !mix ? (k === c ? 1 : 0) : matrix[c][k];
          if (gain !== 0) sum[c].push({ of: `${from.node}:${from.port}:${k}`, late: delayFrames, gain });
        }
    }
    return sum;
  };
  const hears = (node: GraphNode, port: string, channels: number, terms: readonly Terms[]) => {
    const wanted = expected(node, port, channels);
    for (let c = 0; c < channels; c++) {
      // Nodes that pass on what they hear have no symbol of their own in the plan: theirs are put in here.
      const [found, want] = [textOf(terms[c]), textOf(wanted[c].flatMap(throughPassing))];
      if (found !== want)
        throw new Error(`${node.id}:${port}, channel ${c} hears ${found} instead of ${want}`);
    }
  };
  const passed = new Map<string, Terms>();
  /** What comes late comes out of a delay line, which is checked where it is written. */
  const throughPassing = (term: Term): Terms => {
    const inner = term.late === 0 ? passed.get(term.of) : undefined;
    return inner ? scaled(inner, term.gain) : [term];
  };

  const written = new Set<number>();
  const outOf = (key: string, channels: number): Terms[] => {
    const isOwn = graph.nodes.some(({ id, kind }) => id === key && kind === "delay");
    const colon = isOwn ? key.length : key.lastIndexOf(":");
    return atoms(key.slice(0, colon), isOwn ? "out" : key.slice(colon + 1), channels);
  };

  for (const [id, port] of plan.inputs)
    for (const [c, terms] of atoms(id, "out", port.channels).entries())
      put({ buffer: port.buffer, channel: c }, 0, terms);
  const order = graph.order.map((index) => graph.nodes[index]);
  let next = 0;
  /** Sums, meters and delays of nothing have no step that would show when they run: as soon as what comes after does. */
  const place = new Map(order.map((node, i) => [node, i]));
  const catchUp = (node: GraphNode | undefined) => {
    for (const end = node ? place.get(node)! + 1 : order.length; next < end; next++) {
      const passing = order[next];
      if (passing.kind !== "sum" && !(passing.kind === "delay" && passing.delayFrames === 0)) continue;
      const terms = expected(passing, "in", passing.channels);
      for (let c = 0; c < passing.channels; c++)
        passed.set(`${passing.id}:out:${c}`, terms[c].flatMap(throughPassing));
    }
  };

  for (const step of plan.steps) {
    switch (step.op) {
      case "clear":
        for (let c = 0; c < step.channels; c++) put(step.to, c, []);
        break;
      case "copy":
      case "first":
        for (let c = 0; c < step.channels; c++) put(step.to, c, at(step.from, c));
        break;
      case "add":
        for (let c = 0; c < step.channels; c++) put(step.to, c, [...at(step.to, c), ...at(step.from, c)]);
        break;
      case "mix":
        put(step.to, 0, [...(step.onto === "add" ? at(step.to) : []), ...scaled(at(step.from), step.gain)]);
        break;
      case "downmix":
        put(step.to, 0, [...scaled(at(step.from, 0), 0.5), ...scaled(at(step.from, 1), 0.5)]);
        break;
      case "line-write": {
        const { key, channels } = plan.lines[step.line];
        written.add(step.line);
        const delay = graph.nodes.find(({ id, kind }) => id === key && kind === "delay");
        if (delay) {
          catchUp(delay);
          hears(
            delay,
            "in",
            channels,
            Array.from({ length: channels }, (_, c) => at(step.from, c)),
          );
          break;
        }
        // A sum shows in what follows it.
        const source = graph.nodes.find(({ id }) => id === key.slice(0, key.lastIndexOf(":")))!;
        if (source.kind === "sum" || source.kind === "delay") catchUp(source);
        for (const [c, terms] of outOf(key, channels).entries()) {
          const [found, want] = [textOf(at(step.from, c)), textOf(terms.flatMap(throughPassing))];
          if (found !== want)
            throw new Error(`the line ${key}, channel ${c}, takes ${found} instead of ${want}`);
        }
        break;
      }
      case "line-read": {
        const { key, channels } = plan.lines[step.line];
        if (step.ahead === written.has(step.line))
          throw new Error(`the line ${key} is read at the wrong time`);
        // A delay node's output is a symbol of its own.
        const own = graph.nodes.some(({ id, kind }) => id === key && kind === "delay");
        const terms = outOf(key, channels).map((each) => (own ? each : delayed(each, step.delayFrames)));
        for (let c = 0; c < channels; c++)
          put(step.to, c, [...(step.onto === "add" ? at(step.to, c) : []), ...terms[c]]);
        break;
      }
      case "gain":
      case "pan": {
        catchUp(step.node);
        hears(
          step.node,
          "in",
          step.channels,
          Array.from({ length: step.channels }, (_, c) => at(step.from, c)),
        );
        const channels = step.op === "pan" ? 2 : step.channels;
        for (const [c, terms] of atoms(step.node.id, "out", channels).entries()) put(step.to, c, terms);
        break;
      }
      case "meter": {
        catchUp(step.node);
        const terms = Array.from({ length: step.channels }, (_, c) => at(step.from, c));
        hears(step.node, "in", step.channels, terms);
        for (const [c, own] of terms.entries()) passed.set(`${step.node.id}:out:${c}`, own);
        break;
      }
      case "plugin": {
        catchUp(step.node);
        for (const [p, port] of inputPorts(step.node, shapes).entries())
          hears(step.node, port.id, port.channels, read(step.inputs[p]));
        for (const [p, port] of outputPorts(step.node, shapes).entries())
          for (const [c, terms] of atoms(step.node.id, port.id, port.channels).entries())
            put({ buffer: step.outputs[p].buffer, channel: 0 }, c, terms);
        break;
      }
    }
  }
  catchUp(undefined);
  for (const node of graph.nodes)
    if (node.kind === "output") hears(node, "in", node.channels, read(plan.outputs.get(node.id)!));
}
