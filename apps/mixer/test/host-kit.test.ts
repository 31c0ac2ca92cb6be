/** The mixer keeps what plugins rely on: every graph of the kit as a session. */
import { describeHost, type HostChange, type HostNode, type HostRequest } from "@gainstage/conformance";
import { createHost, sharedChannel } from "@gainstage/host";
import { checkSession, decodeSession, encodeSession, type SessionInput } from "@gainstage/session";
import { insertNode, renderMix } from "../src/index.ts";

const insertId = (node: string) => `${node}-plugin`;
/** Fed through a group of its own, which turns it over. */
const inverted = (node: string) => `${node}-inverted`;

describeHost("the mixer", () => ({
  async render(request) {
    const host = hostFor(request);
    const stems = stemsOf(request);
    const buses = new Map<string, readonly Float32Array[]>();
    const faults = new Map<string, string>();
    // A mix has one output: each bus of the request is a mix of its own.
    for (const { id } of request.buses) {
      const mix = await renderMix(host, {
        session: checkSession(sessionOf(request, id)),
        stems,
        jobs: request.threads,
        blockFrames: request.blockFrames,
        hangSeconds: request.hangSeconds,
      });
      buses.set(
        id,
        mix.channels.map((channel) => channel.subarray(0, request.frames)),
      );
      const failed = [
        ...mix.faults.map(({ node, code }) => ({ node, code })),
        ...mix.placeholders.map(({ node, code }) => ({ node, code })),
      ];
      for (const { node, code } of failed)
        for (const of of request.nodes)
          if (insertNode(of.id, insertId(of.id)) === node) faults.set(`${node} ${code}`, of.id);
    }
    return {
      buses,
      faults: [...faults].map(([key, node]) => ({ node, code: key.slice(key.indexOf(" ") + 1) })),
    };
  },

  async keep(request) {
    const written = encodeSession(checkSession(sessionOf(request, request.buses[0].id)));
    const session = decodeSession(written);
    await renderMix(hostFor(request), { session, stems: stemsOf(request) });
    const nodes = session.buses.flatMap(({ id, inserts }) =>
      inserts.map(({ plugin, params, state }) => ({
        id,
        plugin,
        params: params as Record<string, number>,
        ...(state && { state }),
      })),
    );
    return {
      written,
      writtenAgain: encodeSession(session),
      nodes,
      changes: session.lanes.flatMap(({ of, param, points }) =>
        points.map(({ at, value }) => ({
          node: of,
          param: param.slice(param.indexOf(".") + 1),
          frame: Math.round(at * session.sampleRateHz),
          value: value!,
        })),
      ),
    };
  },
}));

const hostFor = ({ pluginsFolder }: HostRequest) =>
  createHost({ pluginFolders: [pluginsFolder], trustModules: true });

function stemsOf({ input }: HostRequest): ReadonlyMap<string, readonly Float32Array[]> {
  const shared = input.map((channel) => {
    const copy = sharedChannel(channel.length);
    copy.set(channel);
    return copy;
  });
  return new Map([["input", shared]]);
}

/**
 * The input is a strip, a node is a group with one insert, and an edge is a send at 0 dB. What goes to the bus wanted
 * goes to the master; a group's own output goes to a muted one.
 */
function sessionOf({ nodes, buses, changes = [], sampleRateHz }: HostRequest, wanted: string): SessionInput {
  const heard = buses.find(({ id }) => id === wanted)!.from;
  const turnedOver = heard.filter(({ invert }) => invert).map(({ node }) => node);
  const routed = (id: string) => {
    const goals = nodes.filter(({ from }) => from === id).map((node) => node.id);
    if (turnedOver.includes(id)) goals.push(inverted(id));
    const isHeard = heard.some(({ node, invert }) => node === id && !invert);
    const sends = goals.map((to, i) => ({ id: `${id}-send${i}`, to, levelDb: 0 }));
    return { id, name: id, sends, output: isHeard ? "master" : "nowhere" };
  };
  const group = (id: string, more: object) => ({ kind: "group" as const, ...routed(id), ...more });
  return {
    format: "gainstage-session",
    formatVersion: 1,
    types: {},
    title: wanted,
    sampleRateHz,
    strips: [{ ...routed("input"), source: "input.wav" }],
    buses: [
      ...nodes.map((node) => group(node.id, { inserts: [insertOf(node)] })),
      ...turnedOver.map((id) => group(inverted(id), { invert: true, output: "master" })),
      { kind: "group", id: "nowhere", name: "Nowhere", mute: true },
    ],
    master: { peakDbfs: null },
    lanes: lanesOf(changes, sampleRateHz),
  };
}

function insertOf({ id, plugin, params = {}, state, key }: HostNode) {
  return {
    id: insertId(id),
    plugin,
    params,
    ...(state && { state }),
    ...(key !== undefined && { sidechain: key }),
  };
}

function lanesOf(changes: readonly HostChange[], sampleRateHz: number) {
  const lanes = Map.groupBy(changes, ({ node, param }) => `${node} ${param}`);
  return [...lanes.values()].map((points) => ({
    of: points[0].node,
    param: `${insertId(points[0].node)}.${points[0].param}`,
    points: points.map(({ frame, value }) => ({ at: frame / sampleRateHz, value, curve: "hold" as const })),
  }));
}
