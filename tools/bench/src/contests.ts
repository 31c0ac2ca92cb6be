/** The contests that are asked for, one after the other, with the peers that this machine has. */
import { availableParallelism, loadavg } from "node:os";
import type { Absence, Result } from "./contest.ts";
import { contest } from "./contest.ts";
import { Material } from "./material.ts";
import { CONVOLVER, hasConvolver } from "./ours/convolver.ts";
import { Gainstage } from "./ours/gainstage.ts";
import { elementary } from "./peers/elementary.ts";
import { faust } from "./peers/faust.ts";
import { emptyPass, ffmpeg } from "./peers/ffmpeg.ts";
import { libebur128 } from "./peers/libebur128.ts";
import { native } from "./peers/native.ts";
import type { Peer } from "./peers/peer.ts";
import { sox } from "./peers/sox.ts";
import type { Report } from "./report.ts";
import { LONGEST_MIX_SECONDS, type Workload } from "./workloads.ts";

/** Share of the cores that others may use before it is worth a word. */
const BUSY = 0.25;

export interface Asked {
  /** At least 1. */
  readonly rounds: number;
  /** Length of the audio. */
  readonly seconds: number;
  readonly workloads: readonly Workload[];
  /** Where Elementary may be installed; undefined for no peers at all. */
  readonly peersFrom: string | undefined;
}

/** `tell` hears what is being done. */
export async function runContests(asked: Asked, tell: (doing: string) => void): Promise<Report> {
  const { rounds, seconds, workloads, peersFrom } = asked;
  const [load, cores] = [loadavg()[0], availableParallelism()];
  const gainstage = new Gainstage();
  const absences: Absence[] = [];
  const here = peersFrom === undefined ? [] : await peersHere(peersFrom, workloads, absences);
  const withTracks = workloads.some(({ id }) => id === "W3");
  const withConvolution = withTracks && hasConvolver(gainstage.host.catalog);
  const results: Result[] = [];
  let emptyPassSeconds: number | null = null;
  let material: Material | undefined;
  try {
    // Those of the same length together: the sound is made once.
    for (const workload of workloads.toSorted((a, b) => b.longestSeconds - a.longestSeconds)) {
      const length = Math.min(seconds, workload.longestSeconds);
      if (material?.seconds !== length) {
        material?.dispose();
        tell(`making ${length} s of sound`);
        const short = length <= LONGEST_MIX_SECONDS;
        material = new Material(length, { withTracks: withTracks && short, withConvolution });
      }
      const ours = await gainstage.enter(workload.id, material);
      const peers = here.flatMap(({ peer }) => (peer.workloads.includes(workload.id) ? [peer] : []));
      const outcomes = await contest(workload, ours, peers, material, rounds, tell);
      results.push(...outcomes.results);
      absences.push(...outcomes.absences);
      if (peers.includes(ffmpeg)) emptyPassSeconds = await emptyPass(material);
    }
  } finally {
    material?.dispose();
  }
  return {
    seconds,
    rounds,
    results: results.sort((a, b) => a.name.localeCompare(b.name)),
    absences,
    peers: here.map(({ peer: { name }, version }) => ({ name, version })),
    emptyPassSeconds,
    notes: [
      ...(withTracks && !withConvolution
        ? [`W3 ran without its convolution, on all sides: there is no ${CONVOLVER} in the catalog`]
        : []),
      ...(load > BUSY * cores
        ? [`other work was going on (load ${load.toFixed(1)} on ${cores} cores): the figures are rough`]
        : []),
    ],
  };
}

/** Those that have something to do here, and are there. */
async function peersHere(folder: string, workloads: readonly Workload[], absences: Absence[]) {
  const here: { readonly peer: Peer; readonly version: string }[] = [];
  for (const peer of [await webAudio(), faust, ffmpeg, sox, libebur128, elementary(folder), native]) {
    const wanted = workloads.filter(({ id }) => peer.workloads.includes(id)).map(({ id }) => id);
    if (wanted.length === 0) continue;
    try {
      here.push({ peer, version: await peer.version() });
    } catch (error) {
      const reason = `${(error as Error).message} (${peer.install})`;
      absences.push({ peer: peer.name, workload: wanted.join(", "), reason });
    }
  }
  return here;
}

/** Its native code is not loaded where nobody asks for peers. */
async function webAudio(): Promise<Peer> {
  return (await import("./peers/node-web-audio.ts")).nodeWebAudio;
}
