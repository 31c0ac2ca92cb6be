/**
 * Writes into a session what it needs on another machine: of each plugin the version and the content that play it here,
 * and a card, from which a placeholder keeps everything in line where the plugin cannot be had.
 */
import type { Host, Placeholder } from "@gainstage/host";
import { cardOf } from "@gainstage/plugin-api";
import type { Insert, Session } from "@gainstage/session";
import { insertNode } from "./mix-graph.ts";
import { entryOf, graphOf } from "./render-mix.ts";

export interface PinnedSession {
  readonly session: Session;
  /** Inserts that were left as they were, because their plugin cannot be had here either. */
  readonly missing: readonly Placeholder[];
}

/**
 * Activates each plugin that is switched on, to learn its latency; renders nothing. Throws what OfflineRenderer.render()
 * throws.
 */
export async function pinSession(host: Host, session: Session): Promise<PinnedSession> {
  const { sampleRateHz } = session;
  const stems = new Map(session.strips.map(({ id }) => [id, [new Float32Array(0), new Float32Array(0)]]));
  const graph = graphOf(host, session, stems);
  const { latencies, placeholders } = await host.renderer.render({
    graph,
    sampleRateHz,
    frames: 0,
    sources: new Map(),
    missing: "placeholder",
  });
  const lost = new Set(placeholders.map(({ node }) => node));
  const pin = (owner: string, insert: Insert): Insert => {
    const node = insertNode(owner, insert.id);
    const entry = entryOf(host, insert);
    // What another plugin stands in for keeps its own name and its own card.
    if (!entry || entry.standsInFor || lost.has(node)) return insert;
    const latencyFrames = latencies.get(node)?.ownFrames ?? insert.card?.latencyFrames ?? 0;
    const { manifest, hash } = entry;
    return { ...insert, version: manifest.version, integrity: hash, card: cardOf(manifest, latencyFrames) };
  };
  const channel = <T extends { readonly id: string; readonly inserts: readonly Insert[] }>(c: T): T => ({
    ...c,
    inserts: c.inserts.map((insert) => pin(c.id, insert)),
  });
  const { strips, buses, master } = session;
  return {
    session: {
      ...session,
      strips: strips.map(channel),
      buses: buses.map(channel),
      master: { ...master, inserts: master.inserts.map((insert) => pin("master", insert)) },
    },
    missing: placeholders,
  };
}
