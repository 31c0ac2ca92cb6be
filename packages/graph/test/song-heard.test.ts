/** What plugins are told of the song behind latency, with jumps on their way, and over a change of plan. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AutomationLane, compensate, compile, Engine, shapesOf } from "../src/index.ts";
import { laneAt } from "./evaluator.ts";
import { beatAt, bpmAt, chain, chainOf, idsOf, Listener, MAX_FRAMES, module, RATE_HZ } from "./listeners.ts";
import { blockSizes, loopWalk, play, songFrame, type Walk, walks } from "./song-walk.ts";

const FRAMES = 700;

const nothing = () => {};
const latencies = fc.array(fc.oneof(fc.nat(20), fc.nat(400)), { minLength: 1, maxLength: 4 });

describe("each plugin of a chain", () => {
  test("is told, at every frame, the song's frame and tempo of the sound that arrives there", () => {
    fc.assert(
      fc.property(latencies, walks(FRAMES), blockSizes, (latencies, walk, blocks) => {
        const { engine, listeners, late } = chainOf(latencies);
        play(engine, walk, FRAMES, blocks, nothing, nothing);
        for (const [k, { heard }] of listeners.entries()) {
          expect(heard.length).toBe(FRAMES);
          for (const [i, { frame, tempoBpm }] of heard.entries()) {
            const wanted = songFrame(walk, i - late[k]);
            if (frame !== wanted || tempoBpm !== bpmAt(wanted))
              throw new Error(`p${k}, frame ${i}: ${frame} at ${tempoBpm}, wanted ${wanted}`);
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  test("is told with the same sound whether it plays and what is looped", () => {
    const states = fc.uniqueArray(
      fc.record({
        at: fc.nat(FRAMES - 1),
        playing: fc.boolean(),
        loop: fc.option(fc.record({ startFrame: fc.nat(500), frames: fc.integer({ min: 1, max: 400 }) })),
      }),
      { maxLength: 6, selector: ({ at }) => at },
    );
    fc.assert(
      fc.property(latencies, walks(FRAMES), blockSizes, states, (latencies, walk, blocks, states) => {
        const { engine, listeners, late } = chainOf(latencies);
        states.sort((a, b) => a.at - b.at);
        const cuts = states.map(({ at }) => ({ at, to: songFrame(walk, at) }));
        const jumps = [
          ...walk.jumps,
          ...cuts.filter(({ at }) => at > 0 && !walk.jumps.some((j) => j.at === at)),
        ];
        jumps.sort((a, b) => a.at - b.at);
        const tell = (clock: number) => {
          const state = states.find(({ at }) => at === clock);
          if (!state) return;
          const { playing, loop } = state;
          engine.setTransport({
            playing,
            loop: loop ? { startFrame: loop.startFrame, endFrame: loop.startFrame + loop.frames } : undefined,
          });
        };
        play(engine, { ...walk, jumps }, FRAMES, blocks, tell, nothing);
        for (const [k, { heard }] of listeners.entries()) {
          for (const [i, { frame, playing, loopStartBeat, loopEndBeat }] of heard.entries()) {
            const clock = i - late[k];
            // Before all sound it is told what was set before the first block.
            const state = states.findLast(({ at }) => at <= Math.max(0, clock));
            const where = `p${k}, frame ${i}`;
            if (frame !== songFrame(walk, clock)) throw new Error(`${where}: ${frame}`);
            if (playing !== (state?.playing ?? true)) throw new Error(`${where}: playing is ${playing}`);
            const { startFrame = 0, frames = 0 } = state?.loop ?? {};
            const wrong = [loopStartBeat - beatAt(startFrame), loopEndBeat - beatAt(startFrame + frames)];
            if (!wrong.every((beats) => Math.abs(beats) < 1e-12))
              throw new Error(`${where}: loop from ${loopStartBeat} to ${loopEndBeat}`);
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  test("hears a reset and what follows at once, with the transport that was set", () => {
    const { engine, listeners } = chainOf([100, 50, 0]);
    engine.setTransport({ playing: false, loop: { startFrame: 300, endFrame: 620 } });
    play(engine, loopWalk(0, 20, 90, 300), 300, [64], nothing, nothing);
    engine.reset();
    for (const { heard } of listeners) heard.length = 0;
    play(engine, { start: 1000, jumps: [] }, 300, [64], nothing, nothing);
    for (const [k, { heard }] of listeners.entries())
      for (const [i, { frame, playing, loopEndBeat }] of heard.entries()) {
        expect(frame, `p${k}, frame ${i}`).toBe(1000 + i - [0, 100, 150][k]);
        expect(playing).toBe(false);
        expect(loopEndBeat).toBeCloseTo(beatAt(620), 12);
      }
  });
});

describe("jumps on their way", () => {
  const each = (jumps: number): Walk => ({
    start: 0,
    jumps: Array.from({ length: jumps }, (_, i) => ({ at: i + 1, to: (7919 * (i + 1)) % 100_003 })),
  });

  test("may be 1023 at a time", () => {
    const { engine, listeners } = chainOf([1023, 0]);
    play(engine, each(3000), 5000, [128], nothing, nothing);
    for (const [i, { frame }] of listeners[1].heard.entries())
      if (frame !== songFrame(each(3000), i - 1023)) throw new Error(`frame ${i}: ${frame}`);
  });

  test("that are more put one before its time, and those after it come on theirs", () => {
    const { engine, listeners } = chainOf([1500, 0]);
    play(engine, each(3000), 5000, [128], nothing, nothing);
    // The first that is remembered in the end is 1023 before the last, the 3000th.
    const first = 3000 - 1023 + 1500;
    for (const [i, { frame }] of listeners[1].heard.entries())
      if (i >= first && frame !== songFrame(each(3000), i - 1500)) throw new Error(`frame ${i}: ${frame}`);
  });

  test("are not crowded out by seeks to where the song is anyway", () => {
    const { engine, listeners } = chainOf([4000, 0]);
    const walk = { start: 0, jumps: [{ at: 50, to: 20 }] };
    const stays = Array.from({ length: 3000 }, (_, i) => ({ at: 51 + i, to: 21 + i }));
    play(engine, { start: 0, jumps: [...walk.jumps, ...stays] }, 5000, [128], nothing, nothing);
    for (const [i, { frame }] of listeners[1].heard.entries())
      if (frame !== songFrame(walk, i - 4000)) throw new Error(`frame ${i}: ${frame}`);
  });

  test("of seeks between the same blocks the last counts, and all are as one", () => {
    const { engine, listeners } = chainOf([70, 0]);
    engine.run(100);
    engine.seek(200);
    engine.run(10);
    for (let k = 0; k < 3000; k++) engine.seek(9000 - k);
    engine.seek(300);
    engine.run(90);
    const jumps = [
      { at: 100, to: 200 },
      { at: 110, to: 300 },
    ];
    for (const [i, { frame }] of listeners[1].heard.entries())
      expect(frame, `frame ${i}`).toBe(songFrame({ start: 0, jumps }, i - 70));
  });
});

describe("a plan that is loaded between jumps", () => {
  const points = [-30, 0, -12, -3, -40].map((value, i) => ({
    frame: 150 * i,
    value,
    curve: "linear" as const,
  }));
  const lanes: AutomationLane[] = [{ node: "fader", param: "gainDb", points }];
  const ids = ["p0", "p1"];

  test("hears each when it comes through its own latencies, those before it too", () => {
    const at = fc.integer({ min: 1, max: FRAMES - 1 });
    fc.assert(
      fc.property(
        fc.tuple(fc.nat(300), fc.nat(300)),
        at,
        walks(FRAMES),
        blockSizes,
        (late, swap, walk, blocks) => {
          // p1 is there before or after, with its latency: the way grows or shrinks by it.
          const listeners = late.map((frames) => new Listener(frames));
          const processors = new Map(listeners.map(({ node }, i) => [ids[i], node]));
          for (const grows of [true, false]) {
            const [before, after] = grows ? [1, 2] : [2, 1];
            const some = (count: number) => new Map([...processors].slice(0, count));
            const options = { sampleRateHz: RATE_HZ, maxFrames: MAX_FRAMES };
            const engine = Engine.create(module, chain(idsOf(before), lanes), {
              ...options,
              processors: some(before),
            });
            for (const { heard } of listeners) heard.length = 0;
            const jumps = [...walk.jumps];
            if (!jumps.some((jump) => jump.at === swap)) jumps.push({ at: swap, to: songFrame(walk, swap) });
            jumps.sort((a, b) => a.at - b.at);
            const load = (clock: number) => {
              if (clock !== swap) return;
              const shapes = shapesOf(processors);
              const compensated = compensate(chain(idsOf(after), lanes), shapes);
              engine.load(compile(compensated, shapes, RATE_HZ, MAX_FRAMES), some(after));
            };
            play(engine, { ...walk, jumps }, FRAMES, blocks, load, (clock, frames) => {
              const out = engine.outputs.get("out")![0];
              for (let i = 0; i < frames; i++) {
                const isLong = clock + i >= swap === grows;
                const frame = songFrame(walk, clock + i - (isLong ? late[0] + late[1] : late[0]));
                const wanted = 10 ** (laneAt(lanes[0], frame) / 20);
                if (!(Math.abs(out[i] - wanted) < 1e-6))
                  throw new Error(`frame ${clock + i}: ${out[i]} instead of ${wanted}`);
              }
            });
            const from = grows ? swap : 0;
            for (const [i, { frame }] of listeners[1].heard.entries())
              if (frame !== songFrame(walk, from + i - late[0]))
                throw new Error(`p1, frame ${from + i}: ${frame}`);
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe("a loop that is none is refused", () => {
  test.each([
    [100, 100],
    [100, 50],
    [-1, 50],
    [0.5, 50],
    [0, Number.POSITIVE_INFINITY],
    [Number.NaN, 50],
  ])("from %d to %d", (startFrame, endFrame) => {
    const { engine } = chainOf([0]);
    expect(() => engine.setTransport({ playing: true, loop: { startFrame, endFrame } })).toThrow(
      `a loop cannot go from frame ${startFrame} to ${endFrame}: give whole frames from 0 on, the end after the start`,
    );
  });
});
