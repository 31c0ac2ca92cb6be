/**
 * The graph of a song that plays, on the control side: what it is to be is planned here, and carried out over there.
 *
 *   edit ─▶ load code ─▶ activate what is new, one by one ─▶ plan ─▶ change ─▶ done: only the new graph is heard
 *
 * Plans take their time on this thread, and none on the one that plays. One edit is under way at a time; of those that come
 * meanwhile only the last is made.
 */
import { type GraphDescription, type PlannedGraph, planGraph } from "@gainstage/graph";
import type { Manifest } from "@gainstage/plugin-api";
import { type Pending, pending } from "../running/pending.ts";
import type { NodeCode, ResolvedPlugins } from "../running/resolve-plugins.ts";
import { asPluginsHearIt, buffersOf, changeTo } from "./live-change.ts";
import type { LiveMessage, WantedProcessor } from "./live-messages.ts";
import { LiveOrders, type Send } from "./live-orders.ts";
import {
  type KnownProcessor,
  type KnownProcessors,
  LiveProcessors,
  plannedPlugins,
} from "./live-processors.ts";
import { QUANTUM_FRAMES } from "./live-setup.ts";
import { graphWithValues, type LiveValue, requireValue } from "./live-values.ts";

/** What became of the states that processors left to those that came in their places. */
export interface StateReport {
  /** Ids of the nodes whose plugin goes on with the state that there was. */
  readonly carried: readonly string[];
  readonly lost: readonly { readonly node: string; readonly message: string }[];
}

export type EditOutcome =
  /** From this frame of the song on only the new graph is heard. */
  | { readonly kind: "settled"; readonly frame: number; readonly states: StateReport }
  /** Another edit came before its turn, or the song ended. */
  | { readonly kind: "superseded" };

export interface LiveEditsOptions {
  readonly sampleRateHz: number;
  /** The id of the output node that is heard. */
  readonly output: string;
  /** The least latency: graphs of up to this one do not move the song. */
  readonly latencyFrames: number;
}

interface Heard {
  readonly planned: PlannedGraph;
  readonly processors: KnownProcessors;
}

interface Edit {
  readonly plugins: ResolvedPlugins;
  readonly outcome: Pending<EditOutcome>;
  /** What was set after it was asked for. */
  readonly values: LiveValue[];
}

export class LiveEdits {
  readonly #options: LiveEditsOptions;
  readonly #send: Send;
  readonly #orders: LiveOrders;
  readonly #processors: LiveProcessors;
  #heard: Heard | undefined;
  /** Those of the graph that is gone to, and ids that nodes of the one before have meanwhile. */
  #coming: KnownProcessors = new Map();
  #renamed: ReadonlyMap<string, string> = new Map();
  #activating: WantedProcessor | undefined;
  #underWay: Edit | undefined;
  #waiting: Edit | undefined;
  #isOver = false;

  constructor(options: LiveEditsOptions, send: Send) {
    this.#options = options;
    this.#send = send;
    this.#orders = new LiveOrders(send);
    const { sampleRateHz } = options;
    this.#processors = new LiveProcessors({ sampleRateHz, maxFrames: QUANTUM_FRAMES, mode: "realtime" });
  }

  /**
   * The graph to go to; the first begins the song. Rejects with a PluginFault, a GraphError or a RangeError if it cannot be, and
   * then the graph before goes on.
   */
  edit(plugins: ResolvedPlugins): Promise<EditOutcome> {
    const edit: Edit = { plugins, outcome: pending<EditOutcome>(), values: [] };
    if (this.#isOver) edit.outcome.resolve({ kind: "superseded" });
    this.#waiting?.outcome.resolve({ kind: "superseded" });
    this.#waiting = edit;
    void this.#begin();
    return edit.outcome.promise;
  }

  /**
   * A plain value from now on, heard at the next block, ramped as the node does. The graph of a later edit says otherwise. Throws a
   * RangeError or a PluginFault for what the graph does not have or the plugin does not take.
   */
  set(value: LiveValue): void {
    const latest = this.#waiting ?? this.#underWay;
    const graph = latest ? latest.plugins.graph : this.#heard!.planned.graph;
    requireValue(graph, value, (node) => this.#manifestIn(latest, node));
    for (const edit of [this.#underWay, this.#waiting]) edit?.values.push(value);
    if (this.#heard) this.#heard = withValues(this.#heard, [value]);
    this.#send({ kind: "set", ...value });
  }

  /** How late the graph is heard; 0 before it begins. */
  get latencyFrames(): number {
    return this.#heard?.planned.compensated.latencyFrames ?? 0;
  }

  told(message: Extract<LiveMessage, { readonly id: number }>): void {
    this.#orders.told(message);
  }

  /** Nothing plays any more. */
  end(): void {
    this.#isOver = true;
    for (const edit of [this.#underWay, this.#waiting]) edit?.outcome.resolve({ kind: "superseded" });
    this.#waiting = undefined;
  }

  /** What the user calls a node of the other side: while another comes under its name, a node that goes has another one there. */
  nameOf(node: string): string {
    return this.#renamed.get(node) ?? node;
  }

  /** The code of a plugin node, as the other side names it. */
  codeOf(node: string): NodeCode | undefined {
    const old = this.#renamed.get(node);
    const before = this.#heard?.processors;
    const known = old === undefined ? (this.#coming.get(node) ?? before?.get(node)) : before?.get(old);
    return known && this.#processors.codeAt(known.wanted.code);
  }

  /** Code by its number. */
  codeAt(code: number): NodeCode | undefined {
    return this.#processors.codeAt(code);
  }

  /** The code of what is being activated, if that is what has this number. */
  codeActivated(handle: number): NodeCode | undefined {
    const all = [this.#activating, ...[...this.#coming.values()].map(({ wanted }) => wanted)];
    const wanted = all.find((one) => one?.handle === handle);
    return wanted && this.#processors.codeAt(wanted.code);
  }

  async #begin(): Promise<void> {
    if (this.#underWay || !this.#waiting || this.#isOver) return;
    const edit = this.#waiting;
    this.#underWay = edit;
    this.#waiting = undefined;
    try {
      edit.outcome.resolve(await this.#carryOut(edit));
    } catch (error) {
      this.#coming = this.#heard?.processors ?? new Map();
      this.#renamed = new Map();
      this.#processors.keep(this.#coming);
      this.#send({ kind: "withdraw" });
      edit.outcome.reject(error);
    }
    this.#underWay = undefined;
    void this.#begin();
  }

  async #carryOut({ plugins: { graph, codes, codeOf }, values }: Edit): Promise<EditOutcome> {
    const contentOf = (node: string) => codes[codeOf.get(node)!];
    const wished = asPluginsHearIt(graph, contentOf);
    this.#requireOutput(wished);
    for (const code of new Set(codeOf.values())) await this.#load(codes[code]);
    const { processors, states } = await this.#activate(wished, contentOf);
    const plugins = plannedPlugins(processors, contentOf);
    const least = Math.max(this.#options.latencyFrames, this.#heard?.planned.compensated.latencyFrames ?? 0);
    const planned = planGraph(graphWithValues(wished, values), plugins, least);
    const change = changeTo(planned, this.#heard?.planned, processors, this.#options.sampleRateHz);
    values.length = 0;
    this.#coming = processors;
    this.#renamed = new Map(change.plan.stages.flatMap(({ plan }) => [...plan.before]));
    const { frame } = await this.#orders.ask<"change">({ kind: "change", change }, buffersOf(change));
    this.#heard = withValues({ planned, processors }, values);
    this.#renamed = new Map();
    this.#processors.keep(processors);
    return { kind: "settled", frame, states };
  }

  async #load(content: NodeCode): Promise<void> {
    if (this.#processors.numberOf(content) !== undefined) return;
    const code = this.#processors.add(content);
    try {
      await this.#orders.ask<"load">({ kind: "load", code, content });
    } catch (error) {
      this.#processors.forget(code);
      throw error;
    }
  }

  /** One after the other, so that the thread that plays can render in between. */
  async #activate(
    graph: GraphDescription,
    contentOf: (node: string) => NodeCode,
  ): Promise<{ readonly processors: KnownProcessors; readonly states: StateReport }> {
    const needs = this.#processors.needs(graph, contentOf, this.#heard?.processors ?? new Map());
    const processors = new Map<string, KnownProcessor>();
    const carried: string[] = [];
    const lost: { node: string; message: string }[] = [];
    for (const [node, need] of needs) {
      if (need.kind === "known") {
        processors.set(node, need.known);
        continue;
      }
      const { wanted, ports } = need;
      this.#activating = wanted;
      const { activated } = await this.#orders.ask<"activate">({ kind: "activate", wanted });
      processors.set(node, { wanted, ports, shape: activated.shape });
      if (activated.carried) carried.push(node);
      if (activated.lost !== undefined) lost.push({ node, message: activated.lost });
    }
    return { processors, states: { carried, lost } };
  }

  #manifestIn(edit: Edit | undefined, node: string): Manifest {
    if (!edit) return this.#heard!.planned.plugins.get(node)!.manifest;
    const { codes, codeOf } = edit.plugins;
    return codes[codeOf.get(node)!].manifest;
  }

  #requireOutput({ nodes }: GraphDescription): void {
    const { output } = this.#options;
    if (!nodes.some(({ kind, id }) => kind === "output" && id === output))
      throw new RangeError(`the graph has no output "${output}"`);
  }
}

function withValues(heard: Heard, values: readonly LiveValue[]): Heard {
  if (values.length === 0) return heard;
  const graph = graphWithValues(heard.planned.graph, values);
  return { ...heard, planned: { ...heard.planned, graph } };
}
