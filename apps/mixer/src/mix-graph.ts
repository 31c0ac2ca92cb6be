/**
 * The builder: from a session to a graph.
 *
 *   source ─▶ trim ─▶ inserts ─┬─▶ fader ─▶ pan ─┬─▶ group or master
 *                              └─ pre send       └─ post send ─▶ return ─▶ … ─▶ master
 *
 *   master: sum ─▶ inserts ─▶ fader ─▶ meter ─▶ output "mix"
 *
 * Mute and solo decide what is built: a strip that is not heard has a closed fader, so that its sends close too and
 * nothing else changes. Node ids are "strip/part", so that a strip keeps its nodes when others come and go.
 */
import type {
  AutomationLane,
  AutomationPoint,
  ChannelCount,
  GraphDescription,
  GraphEdge,
  GraphNode,
  SongTime,
} from "@gainstage/graph";
import type { Bus, Insert, Lane, Session, Strip } from "@gainstage/session";

/** Counted up whenever the same session would give another graph. */
export const BUILDER_VERSION = 1;
export const OUTPUT = "mix";
/** The plugin node id of an insert, for meters. */
export const insertNode = (channel: string, insert: string): string => `${channel}/${insert}`;
export const sourceNode = (strip: string): string => `${strip}/source`;

export interface MixGraphOptions {
  /** Plain parameter values of an insert; refuses what the plugin does not have. */
  readonly params: (insert: Insert) => Readonly<Record<string, number>>;
  /** The plugin that plays the insert: its own, or one that stands in for it. */
  readonly plugin: (insert: Insert) => string;
  /** A parameter's id in that plugin. */
  readonly paramId: (insert: Insert, id: string) => string;
  /** The id of the input port of role sidechain. */
  readonly sidechainPort: (insert: Insert) => string;
  /** Channels of each strip's source. */
  readonly sourceChannels: (strip: Strip) => ChannelCount;
}

/** Throws a RangeError where the session asks for what a plugin does not have. */
export function mixGraph(session: Session, options: MixGraphOptions): GraphDescription {
  return new MixBuilder(session, options).build();
}

class MixBuilder {
  readonly #session: Session;
  readonly #options: MixGraphOptions;
  readonly #nodes: GraphNode[] = [];
  readonly #edges: GraphEdge[] = [];
  readonly #lanes: AutomationLane[] = [];
  /** Faders and sends of what is not heard. */
  readonly #closed: string[] = [];

  constructor(session: Session, options: MixGraphOptions) {
    this.#session = session;
    this.#options = options;
  }

  build(): GraphDescription {
    const { strips, buses, master } = this.#session;
    for (const strip of strips) {
      const channels = this.#options.sourceChannels(strip);
      this.#nodes.push({ kind: "input", id: sourceNode(strip.id), channels });
      this.#channel(strip, sourceNode(strip.id), channels);
    }
    for (const bus of buses) {
      this.#nodes.push({ kind: "sum", id: `${bus.id}/in`, channels: 2 });
      this.#channel(bus, `${bus.id}/in`, 2);
    }
    this.#nodes.push({ kind: "sum", id: "master/in", channels: 2 });
    const processed = this.#inserts("master", master.inserts, "master/in", 2);
    this.#add({ kind: "gain", id: "master/fader", channels: 2, gainDb: master.faderDb }, processed);
    this.#add({ kind: "meter", id: "master/meter", channels: 2 }, "master/fader");
    this.#add({ kind: "output", id: OUTPUT, channels: 2 }, "master/meter");
    const closed = new Set(this.#closed);
    const built = new Set(this.#nodes.map((node) => node.id));
    for (const lane of this.#session.lanes) {
      const made = this.#lane(lane);
      // What is muted stays muted, and what is switched off has nothing to drive.
      if (!closed.has(made.node) && built.has(made.node)) this.#lanes.push(made);
    }
    const song = this.#song();
    return { nodes: this.#nodes, edges: this.#edges, lanes: this.#lanes, ...(song && { song }) };
  }

  #song(): SongTime | undefined {
    const { tempo, timeSignature, sampleRateHz } = this.#session;
    if (!tempo) return undefined;
    // Changes closer than a frame stay in order: the last of them holds.
    const frames = new Map(tempo.map(({ at, bpm }) => [Math.round(at * sampleRateHz), bpm]));
    return {
      tempo: [...frames].map(([frame, bpm]) => ({ frame, bpm })),
      ...(timeSignature && { numerator: timeSignature[0], denominator: timeSignature[1] }),
    };
  }

  /** A strip or a bus, from `from` to its output. */
  #channel(channel: Strip | Bus, from: string, channels: ChannelCount): void {
    const { id } = channel;
    let at = from;
    if (channel.trimDb !== 0 || channel.invert) {
      const trim = {
        kind: "gain",
        id: `${id}/trim`,
        channels,
        gainDb: channel.trimDb,
        invert: channel.invert,
      } as const;
      at = this.#add(trim, at);
    }
    at = this.#inserts(id, channel.inserts, at, channels);
    const beforeFader = at;
    const heard = isHeard(channel, this.#session);
    if (!heard) this.#closed.push(`${id}/fader`, ...channel.sends.map((send) => `${id}/${send.id}`));
    at = this.#add({ kind: "gain", id: `${id}/fader`, channels, gainDb: heard ? channel.faderDb : null }, at);
    const law = "source" in channel ? (channel as Strip).panLaw : "balance";
    at = this.#add({ kind: "pan", id: `${id}/pan`, channels, pan: channel.pan, law }, at);
    this.#connect(at, channel.output === "master" ? "master/in" : `${channel.output}/in`);
    for (const send of channel.sends) {
      if (!send.enabled) continue;
      const tap = send.tap === "pre" ? beforeFader : at;
      const level = heard ? send.levelDb : null;
      const width = send.tap === "pre" ? channels : 2;
      this.#add({ kind: "send", id: `${id}/${send.id}`, channels: width, gainDb: level }, tap);
      this.#connect(`${id}/${send.id}`, `${send.to}/in`);
    }
  }

  #inserts(owner: string, inserts: readonly Insert[], from: string, channels: ChannelCount): string {
    let at = from;
    for (const insert of inserts) {
      if (!insert.enabled) continue;
      const id = insertNode(owner, insert.id);
      const { version, integrity, state, card } = insert;
      const plugin = this.#options.plugin(insert);
      const own = plugin === insert.plugin;
      const node: GraphNode = {
        kind: "plugin",
        id,
        plugin,
        params: this.#options.params(insert),
        channels,
        ...(own && version !== undefined && { version: `^${version}` }),
        ...(own && integrity !== undefined && { integrity }),
        ...(own && state && { state: { version: state.version, bytes: state.bytes } }),
        ...(card && { card }),
      };
      at = this.#add(node, at);
      if (insert.sidechain !== undefined) {
        this.#connect(`${insert.sidechain}/pan`, id, this.#options.sidechainPort(insert));
      }
    }
    return at;
  }

  #insertsOf(owner: string): readonly Insert[] {
    const { strips, buses, master } = this.#session;
    return [...strips, ...buses].find(({ id }) => id === owner)?.inserts ?? master.inserts;
  }

  #add(node: GraphNode, from: string): string {
    this.#nodes.push(node);
    this.#connect(from, node.id);
    return node.id;
  }

  #connect(from: string, to: string, port = "in"): void {
    this.#edges.push({ from: { node: from, port: "out" }, to: { node: to, port } });
  }

  #lane(lane: Lane): AutomationLane {
    // Points closer than a frame stay in order, one frame apart: the last of them is a step.
    let next = 0;
    const points = lane.points.map(({ at, value, curve }): AutomationPoint => {
      const frame = Math.max(next, Math.round(at * this.#session.sampleRateHz));
      next = frame + 1;
      return { frame, value, curve };
    });
    if (lane.param === "faderDb") return { node: `${lane.of}/fader`, param: "gainDb", points };
    if (lane.param === "pan") return { node: `${lane.of}/pan`, param: "pan", points };
    const dot = lane.param.indexOf(".");
    const [part, param] = [lane.param.slice(0, dot), lane.param.slice(dot + 1)];
    const insert = this.#insertsOf(lane.of).find(({ id }) => id === part);
    if (insert) return { node: `${lane.of}/${part}`, param: this.#options.paramId(insert, param), points };
    const isSend = this.#nodes.some((node) => node.kind === "send" && node.id === `${lane.of}/${part}`);
    return { node: `${lane.of}/${part}`, param: isSend ? "gainDb" : param, points };
  }
}

/** Not muted and, while any strip or group is soloed, soloed itself or inside a group that is. Returns stay open. */
function isHeard(channel: Strip | Bus, session: Session): boolean {
  if (channel.mute) return false;
  const all: readonly (Strip | Bus)[] = [...session.strips, ...session.buses];
  if (!all.some((c) => c.solo) || !("source" in channel)) return true;
  const seen = new Set<string>();
  let at: Strip | Bus | undefined = channel;
  while (at && !seen.has(at.id)) {
    if (at.solo) return true;
    seen.add(at.id);
    const { output } = at as Strip | Bus;
    at = session.buses.find((bus) => bus.id === output);
  }
  return false;
}
