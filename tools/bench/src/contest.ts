/** One workload: ours beside the peers that can do it, each checked to do the same work, in rounds taken in turn. */
import type { Entrant, FirstRun } from "./entrant.ts";
import type { Material } from "./material.ts";
import type { Peer } from "./peers/peer.ts";
import { median, medianRatio, type Times, takeTurns } from "./rounds.ts";
import { differentWork } from "./same-work.ts";
import { AIMS, BLOCK_FRAMES, CHAINS, GAINS_PER_CHAIN, SAMPLE_RATE_HZ, type Workload } from "./workloads.ts";

/** A peer's figures beside one entrant of ours. */
export interface PeerFigures {
  readonly peer: string;
  readonly seconds: number;
  /** Ours over the peer's. */
  readonly ratio: number;
  readonly isLimit: boolean;
  /** One, where there are more rounds, if it was too slow to be run again. */
  readonly runs: number;
}

/** One line of the table. */
export interface Result {
  /** "W3", "W3 on two cores". */
  readonly name: string;
  readonly title: string;
  /** Length of the audio. */
  readonly audioSeconds: number;
  readonly seconds: number;
  /** Nanoseconds per frame; in W5 per node and block. */
  readonly nanoseconds: number;
  readonly perWhat: "frame" | "node and block";
  /** The fastest, limits aside. */
  readonly best: PeerFigures | null;
  readonly aim: number;
  /** Null without a peer. */
  readonly met: boolean | null;
  readonly peers: readonly PeerFigures[];
}

/** Who did not take part in what, and why. */
export interface Absence {
  readonly peer: string;
  readonly workload: string;
  readonly reason: string;
}

export interface Outcomes {
  readonly results: readonly Result[];
  readonly absences: readonly Absence[];
}

/** Throws an Error if entrants of ours differ from one another. `told` hears what is being done. */
export async function contest(
  { id, title }: Workload,
  ours: readonly Entrant[],
  peers: readonly Peer[],
  material: Material,
  rounds: number,
  told: (doing: string) => void,
): Promise<Outcomes> {
  const first = new Map<Entrant, FirstRun>();
  for (const entrant of ours) {
    told(`${id}: first run of ours`);
    first.set(entrant, await entrant.firstRun());
    const different = differentWork(first.get(ours[0])!.outcome, first.get(entrant)!.outcome);
    if (different) throw new Error(`${entrant.name} is not ${ours[0].name}: ${different}`);
  }
  const expected = first.get(ours[0])!.outcome;
  const absences: Absence[] = [];
  for (const peer of peers) {
    told(`${id}: first run of ${peer.name}`);
    try {
      const entrant = await peer.enter(id, material);
      const run = await entrant.firstRun();
      const different = differentWork(expected, run.outcome);
      if (different) throw new Error(`it does not do the same work: ${different}`);
      first.set(entrant, run);
    } catch (error) {
      absences.push({ peer: peer.name, workload: id, reason: (error as Error).message });
    }
  }
  const times = await takeTurns(first, ours, rounds, (round, entrant) =>
    told(`${id}: round ${round + 1} of ${rounds}, ${ours.includes(entrant) ? "ours" : entrant.name}`),
  );
  for (const entrant of first.keys()) await entrant.close?.();
  const rivals = times.filter(({ entrant }) => !ours.includes(entrant));
  const results = times
    .filter(({ entrant }) => ours.includes(entrant))
    .map((own) => resultOf(own, rivals, title, material.frames));
  return { results, absences };
}

export function resultOf(own: Times, rivals: readonly Times[], title: string, frames: number): Result {
  const { name } = own.entrant;
  const seconds = median(own.seconds);
  const peers = rivals
    .map(({ entrant, seconds: theirs }) => ({
      peer: entrant.name,
      seconds: median(theirs),
      ratio: medianRatio(own.seconds, theirs),
      isLimit: entrant.isLimit ?? false,
      runs: theirs.length,
    }))
    .sort((a, b) => a.seconds - b.seconds);
  const best = peers.find(({ isLimit }) => !isLimit) ?? null;
  const nodeBlocks = CHAINS * GAINS_PER_CHAIN * (frames / BLOCK_FRAMES);
  const perWhat = name === "W5" ? "node and block" : "frame";
  return {
    name,
    title,
    audioSeconds: frames / SAMPLE_RATE_HZ,
    seconds,
    nanoseconds: (seconds * 1e9) / (perWhat === "frame" ? frames : nodeBlocks),
    perWhat,
    best,
    aim: AIMS[name],
    met: best && best.ratio <= AIMS[name],
    peers,
  };
}
