/**
 * The soak itself, in Node and in a page: random edits in three moods, and again and again a look whether the song from
 * its start is what a render of the graph gives. Nothing here is of Node alone.
 */
import type { GraphDescription } from "@gainstage/graph";
import type { HostEvents, Playing, PluginSupply } from "@gainstage/host/browser";
import { Dice, graphOf, RandomMix } from "./random-mix.ts";
import { SONG_FRAMES } from "./song.ts";

export interface SoakSetup {
  readonly playing: Playing;
  readonly events: HostEvents;
  readonly supply: PluginSupply;
  readonly seed: number;
  readonly seconds: number;
  tell(line: string): void;
  /** So many more dropouts. */
  dropped(count: number): void;
}

export interface SoakResult {
  readonly seconds: number;
  readonly edits: number;
  readonly settled: number;
  readonly superseded: number;
  readonly values: number;
  readonly dropouts: number;
  readonly droppedFrames: number;
  /** Of them, those of the time at the beginning in which nothing was edited. */
  readonly idleSeconds: number;
  readonly idleDropouts: number;
  /** Each was heard from the song's start on, after a stop of STOP_MS. */
  readonly checks: readonly GraphDescription[];
}

export const STOP_MS = 300;
/** What of the song is held against a render. */
export const CHECK_MS = 1500;
const EDITING_MS = 6000;
/** What the machine does by itself is seen first. */
const IDLE_SHARE = 0.1;

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** The graph that is played first. */
export function firstGraph(seed: number): GraphDescription {
  return graphOf(new RandomMix(seed).mix, SONG_FRAMES);
}

export async function soak({
  playing,
  events,
  supply,
  seed,
  seconds,
  tell,
  dropped,
}: SoakSetup): Promise<SoakResult> {
  const dice = new Dice(seed ^ 0x5bd1e995);
  const random = new RandomMix(seed);
  const checks: GraphDescription[] = [];
  let [edits, settled, superseded, values, dropouts, droppedFrames] = [0, 0, 0, 0, 0, 0];
  events.on("position", (position) => {
    if (position.dropouts > dropouts) dropped(position.dropouts - dropouts);
    ({ dropouts, droppedFrames } = position);
  });
  const failures: unknown[] = [];
  playing.ended.catch((error: unknown) => failures.push(error));

  const edit = () => {
    random.change();
    edits++;
    return playing.edit(graphOf(random.mix, SONG_FRAMES), supply).then(
      ({ kind }) => {
        if (kind === "settled") settled++;
        else superseded++;
        return kind;
      },
      (error: unknown) => void failures.push(error),
    );
  };
  const set = () => {
    // After an edit that failed the mix is another than what is heard.
    if (failures.length > 0) return;
    const value = random.fader();
    playing.set(value);
    random.heed(value.node, value.value);
    values++;
  };
  /** A change now and then; a thousand a second; faders moved. */
  const moods = [
    async () => {
      void edit();
      await wait(dice.between([200, 900]));
    },
    async () => {
      for (let k = 0; k < 250; k++) {
        for (let n = 0; n < 4; n++) void edit();
        await wait(4);
      }
    },
    async () => {
      for (let k = 0; k < 50; k++) {
        set();
        await wait(10);
      }
    },
  ];

  const begun = performance.now();
  const left = () => seconds * 1000 - (performance.now() - begun);
  await wait(IDLE_SHARE * seconds * 1000);
  const idleSeconds = (performance.now() - begun) / 1000;
  const idleDropouts = dropouts;
  while (left() > 0 && failures.length === 0) {
    const until = performance.now() + EDITING_MS;
    while (performance.now() < until && left() > 0) await dice.of(moods)();
    if ((await edit()) !== "settled") break;
    playing.stop();
    await wait(STOP_MS);
    playing.seek(0);
    playing.play();
    await wait(CHECK_MS + 500);
    checks.push(graphOf(random.mix, SONG_FRAMES));
    tell(
      `${Math.round((performance.now() - begun) / 1000)} s: ${edits} edits, ${settled} heard, ${values} values, ${dropouts} dropouts`,
    );
  }
  if (failures.length > 0) throw failures[0];
  return {
    seconds: (performance.now() - begun) / 1000,
    edits,
    settled,
    superseded,
    values,
    dropouts,
    droppedFrames,
    idleSeconds,
    idleDropouts,
    checks,
  };
}
