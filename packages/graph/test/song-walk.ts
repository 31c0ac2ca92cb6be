/** Ways through a song, with jumps; the song unrolled along one; and an engine taken along it in any blocks. */
import * as fc from "fast-check";
import type { AutomationLane, Engine, GraphDescription } from "../src/index.ts";

/** The song is fed from frame `start` on, and from frame `to` on once `at` frames have been fed. */
export interface Walk {
  readonly start: number;
  /** Rising. */
  readonly jumps: readonly { readonly at: number; readonly to: number }[];
}

/** The song's frame that is fed at a frame of the clock, or was to be before the first. */
export function songFrame({ start, jumps }: Walk, clock: number): number {
  const last = jumps.findLast(({ at }) => at <= clock);
  return last ? last.to + clock - last.at : start + clock;
}

/** From `start` to the loop's end, and then the loop over and over. */
export function loopWalk(start: number, loopStart: number, loopEnd: number, frames: number): Walk {
  const jumps: { at: number; to: number }[] = [];
  for (let at = loopEnd - start; at < frames; at += loopEnd - loopStart) jumps.push({ at, to: loopStart });
  return { start, jumps };
}

/** Loops of 1 to 300 frames, and jumps here and there. */
export const walks = (frames: number): fc.Arbitrary<Walk> =>
  fc.oneof(
    fc
      .record({
        start: fc.nat(300),
        before: fc.integer({ min: 1, max: 200 }),
        length: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 20, max: 300 })),
      })
      .map(({ start, before, length }) =>
        loopWalk(start, Math.max(0, start + before - length), start + before, frames),
      ),
    fc.record({
      start: fc.nat(600),
      jumps: fc
        .uniqueArray(fc.record({ at: fc.integer({ min: 1, max: frames - 1 }), to: fc.nat(900) }), {
          maxLength: 8,
          selector: ({ at }) => at,
        })
        .map((jumps) => jumps.sort((a, b) => a.at - b.at)),
    }),
  );

/**
 * The graph whose lanes say at each frame of a straight song what those of `graph` say along the walk, as `valueAt` has it. A
 * plugin is told the value at the last of the points and of the frames 0, 32, 64 …
 */
export function unrolled(
  graph: GraphDescription,
  walk: Walk,
  frames: number,
  valueAt: (lane: AutomationLane, frame: number) => number,
): GraphDescription {
  const isPlugin = (id: string) => graph.nodes.some((node) => node.id === id && node.kind === "plugin");
  const stepped = (lane: AutomationLane, frame: number) => {
    const last = lane.points.findLast((point) => point.frame <= frame)?.frame ?? 0;
    return valueAt(lane, Math.max(last, Math.floor(frame / 32) * 32));
  };
  const lanes = graph.lanes?.map((lane): AutomationLane => {
    const at = isPlugin(lane.node) ? stepped : valueAt;
    const points: { frame: number; value: number; curve: "hold" }[] = [];
    for (let frame = 0; frame < frames; frame++) {
      const value = at(lane, songFrame(walk, frame));
      if (!Object.is(points.at(-1)?.value, value)) points.push({ frame, value, curve: "hold" });
    }
    return { ...lane, points };
  });
  return { ...graph, ...(lanes && { lanes }) };
}

/**
 * Runs `frames` frames, in blocks that take turns and end at each jump. `feed` is told before each block the clock and how many
 * frames it has, `keep` after it.
 */
export function play(
  engine: Pick<Engine, "run" | "seek" | "maxFrames">,
  { start, jumps }: Walk,
  frames: number,
  blocks: readonly number[],
  feed: (clock: number, frames: number) => void,
  keep: (clock: number, frames: number) => void,
): void {
  engine.seek(start);
  for (let clock = 0, next = 0, k = 0; clock < frames; k++) {
    if (jumps[next]?.at === clock) engine.seek(jumps[next++].to);
    const until = Math.min(frames, jumps[next]?.at ?? frames);
    const run = Math.min(blocks[k % blocks.length], engine.maxFrames, until - clock);
    feed(clock, run);
    engine.run(run);
    keep(clock, run);
    clock += run;
  }
}

export const blockSizes = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 5 });
