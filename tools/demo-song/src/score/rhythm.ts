/**
 * The drums, sixteen steps to the bar. A letter is a stroke and its weight: `X` accent, `x` normal, `o` soft, `.` nothing.
 * A voice is written as runs of bars that share a pattern, in song order, so a page reads as the drummer counts it.
 */
import { BEATS_PER_BAR, beatOfBar } from "./form.ts";
import type { NoteEvent } from "./notes.ts";

const STEPS_PER_BAR = 16;
const WEIGHTS: Readonly<Record<string, number>> = { X: 0.95, x: 0.72, o: 0.38 };

/** A stroke on one or more bars: `[first bar, last bar, pattern]`. Spaces in the pattern part the beats. */
type Run = readonly [number, number, string];

function strokes(stroke: string, runs: readonly Run[], level = 1): NoteEvent[] {
  const events: NoteEvent[] = [];
  for (const [from, to, pattern] of runs) {
    const steps = pattern.replaceAll(" ", "");
    if (steps.length !== STEPS_PER_BAR) {
      throw new Error(
        `${stroke}, bar ${from}: "${pattern}" has ${steps.length} steps instead of ${STEPS_PER_BAR}.`,
      );
    }
    for (let bar = from; bar <= to; bar++) {
      for (const [step, letter] of [...steps].entries()) {
        if (letter === ".") continue;
        const weight = WEIGHTS[letter];
        if (weight === undefined)
          throw new Error(`${stroke}, bar ${bar}: "${letter}" is no stroke; use X x o or a dot.`);
        const beat = beatOfBar(bar) + (step * BEATS_PER_BAR) / STEPS_PER_BAR;
        events.push({ beat, beats: 0.25, pitch: 0, velocity: weight * level, stroke });
      }
    }
  }
  return events;
}

/** A roll of sixteenths that grows from one velocity to another; the last beat may be left open for a breath. */
function roll(stroke: string, fromBeat: number, toBeat: number, from: number, to: number): NoteEvent[] {
  const events: NoteEvent[] = [];
  for (let beat = fromBeat; beat < toBeat; beat += 0.25) {
    const progress = (beat - fromBeat) / (toBeat - fromBeat);
    const accent = beat % 1 === 0 ? 1.12 : 0.9;
    events.push({
      beat,
      beats: 0.25,
      pitch: 0,
      velocity: (from + (to - from) * progress ** 1.6) * accent,
      stroke,
    });
  }
  return events;
}

export const kick: readonly NoteEvent[] = [
  ...strokes("kick", [[9, 11, "x... .... o... ...."]], 0.7), // a heartbeat
  ...strokes("kick", [[12, 12, "x... .... o.o. ...."]], 0.7),
  ...strokes("kick", [[13, 16, "x... ..o. x... ...."]], 0.85),
  ...strokes("kick", [[17, 18, "x... x... x... x..."]], 0.9),
  ...strokes("kick", [[19, 19, "x... x... x... x.o."]]),
  ...strokes("kick", [[20, 20, "x... x... x... ...."]]),
  ...strokes("kick", [
    [21, 23, "X..o ..x. ..x. ...."],
    [24, 24, "X..o ..x. ..x. x..."],
    [25, 27, "X..o ..x. ..x. ..o."],
    [28, 28, "X... ..x. x... x..."],
    [29, 29, "X... .... .... ...."],
  ]),
];

export const snare: readonly NoteEvent[] = [
  ...strokes("rim", [[9, 12, ".... o... .... x..."]], 0.8),
  ...strokes("rim", [[13, 16, ".... x..o .... x..."]], 0.9),
  ...strokes("snare", [[17, 18, ".... x... .... x..."]], 0.55),
  ...roll("snare", beatOfBar(19), beatOfBar(20) + 3.25, 0.16, 0.92),
  ...strokes("snare", [
    [21, 23, ".... X..o .o.. X..."],
    [24, 24, ".... X... .o.. X.xx"],
    [25, 27, ".... X..o .o.. X..o"],
    [28, 28, ".... X... xoxo XxXX"],
  ]),
];

export const hats: readonly NoteEvent[] = [
  ...strokes("shaker", [[7, 12, "o.x. o.x. o.x. o.xo"]], 0.6),
  ...strokes("shaker", [[13, 20, "ooxo ooxo ooxo ooxo"]], 0.8),
  ...strokes("closed", [[13, 16, "..o. ..o. ..o. ..o."]], 0.8),
  ...strokes("closed", [[17, 19, "x.o. x.o. x.o. x.o."]], 0.9),
  ...strokes("closed", [[20, 20, "x.o. x.o. x.x. ...."]], 0.9),
  ...strokes("shaker", [[21, 28, "ooxo ooxo ooxo ooxo"]], 0.9),
  ...strokes("closed", [
    [21, 23, "x.oo x.oo x.oo x.o."],
    [24, 24, "x.oo x.oo x.oo ...."],
    [25, 27, "x..o x..o x..o x..."],
    [28, 28, "x.oo x.oo x.o. ...."],
  ]),
  ...strokes("open", [
    [21, 23, ".... .... .... ...x"],
    [25, 27, "..o. ..o. ..o. ..ox"], // opened for the second half
  ]),
];

export const toms: readonly NoteEvent[] = [
  ...strokes("high", [[12, 12, ".... .... .... o..."]], 0.8),
  ...strokes("mid", [[12, 12, ".... .... .... ..o."]], 0.8),
  ...strokes("low", [[12, 12, ".... .... .... ...x"]], 0.7),
  ...strokes("taiko", [[13, 16, "x... ...o .... o..."]], 0.6),
  ...strokes("low", [[13, 16, ".... ..o. ..o. ..oo"]], 0.7),
  ...strokes("taiko", [[17, 19, "X... ...x ..x. o..."]], 0.75),
  ...strokes("low", [[17, 19, "..o. ..oo .... ..xo"]], 0.85),
  ...strokes("high", [[20, 20, "xx.. .... .... ...."]]),
  ...strokes("mid", [[20, 20, "..xx xx.. .... ...."]]),
  ...strokes("low", [[20, 20, ".... ..xx Xx.. ...."]]),
  ...strokes("taiko", [[20, 20, "X... .... ..X. X..."]]),
  ...strokes("taiko", [
    [21, 27, "X... ..o. ..x. ...."],
    [28, 28, "X... .... X... X..."],
    [29, 29, "X... .... .... ...."],
  ]),
  ...strokes("high", [[24, 24, ".... .... .... xx.."]], 0.9),
  ...strokes("low", [[24, 24, ".... .... .... ..xx"]], 0.9),
  ...strokes("high", [[28, 28, ".... .... x.x. ...."]]),
  ...strokes("mid", [[28, 28, ".... .... .... x.x."]]),
  ...strokes("low", [[28, 28, ".... .... .... .x.X"]]),
  ...strokes("taiko", [[32, 32, "o... .... .... ...."]], 0.8),
];

/** Cymbals: crashes on downbeats; a swell's length in beats lies before the beat it leads to. */
export const cymbals: readonly NoteEvent[] = [
  { beat: beatOfBar(5), beats: 4, pitch: 0, velocity: 0.4, stroke: "swell" },
  { beat: beatOfBar(9), beats: 4, pitch: 0, velocity: 0.3, stroke: "swell" },
  { beat: beatOfBar(13), beats: 6, pitch: 0, velocity: 0.42, stroke: "swell" },
  { beat: beatOfBar(17), beats: 4, pitch: 0, velocity: 0.5, stroke: "swell" },
  { beat: beatOfBar(21), beats: 8, pitch: 0, velocity: 0.85, stroke: "swell" },
  ...strokes("crash", [[21, 21, "X... .... .... ...."]]),
  ...strokes("crash", [[23, 23, "o... .... .... ...."]]),
  { beat: beatOfBar(25), beats: 4, pitch: 0, velocity: 0.6, stroke: "swell" },
  ...strokes("crash", [[25, 25, "X... .... .... ...."]]),
  ...strokes("crash", [[27, 27, "x... .... .... ...."]]),
  ...strokes("crash", [[29, 29, "X... .... .... ...."]]),
  { beat: beatOfBar(32), beats: 4, pitch: 0, velocity: 0.25, stroke: "swell" },
];
