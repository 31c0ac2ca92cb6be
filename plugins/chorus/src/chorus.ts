/**
 * The chorus as plain scalar TypeScript: what assembly/ does in vectors, in f64.
 *
 *   x ─┬──────────────────────────────────────────────▶ dry ─┐
 *      └▶ + ─▶ delay line ─┬▶ voice 0 ─┬─▶ pan ─────────▶ + ─▶ + ─▶ y
 *         ▲                ├▶ voice 1 ─│─▶ pan ─────────▶
 *         └── feedback ◀───│───────────┘
 *                          └▶ …            voice v: delay (1 + v/16) + depth · lfo(t + offset of v)
 *
 * Dattorro, "Effect design, part 2: Delay-line modulation and chorus", JAES 45(10), 1997.
 */
import { definePlugin, type Processor, type ProcessSetup } from "@gainstage/plugin-api";
import { Controls, DELAY, DEPTH, DRY, FEEDBACK, GAINS, RATE_HZ, SHAPE } from "./controls.ts";
import { REACH, readBetween } from "./interpolation.ts";

const LONGEST_MS = 50 * (1 + 7 / 16) + 10;
const TAIL_MS = 132 * 60 + LONGEST_MS;
const QUIET = 1e-9;
const NOTHING = 1e-20;
const LOUDEST = 1e10;
/** Where the voices stand in the cycle of the LFO. */
const OFFSETS = [0, 0.5, 0.25, 0.75, 0.125, 0.625, 0.375, 0.875];

export default definePlugin({ activate: (setup) => chorus(setup) });

function chorus({ sampleRateHz, inputs, params }: ProcessSetup): Processor {
  const length = 2 ** Math.ceil(Math.log2(Math.ceil((LONGEST_MS * sampleRateHz) / 1000) + 4 * REACH));
  const tailFrames = Math.ceil((TAIL_MS * sampleRateHz) / 1000);
  const lines = Array.from({ length: inputs[0].channels }, () => new Float64Array(length));
  const controls = new Controls(params, sampleRateHz);
  const mono = inputs[0].channels === 1;
  let latest = params;
  let rateHz = params[RATE_HZ];
  /** Cycles at the frame when the rate was set, and the frames since. */
  let phase = 0;
  let since = 0;
  let head = 0;
  let silentFrames = 0;
  /** Frames since something other than zero went into a line, while not at rest. */
  let emptyFrames = 0;
  let resting = true;

  function followRate(wantedHz: number): void {
    if (wantedHz === rateHz) return;
    phase += (rateHz * since) / sampleRateHz;
    since = 0;
    rateHz = wantedHz;
  }

  /** The lines being empty, leaves all as after reset(): the LFO starts with the next sound. */
  function rest(): void {
    resting = true;
    emptyFrames = 0;
    phase = 0;
    since = 0;
    controls.settle(latest);
  }

  function delaysOf(centre: number, depth: number): number[] {
    return OFFSETS.map((offset, voice) => {
      const p = phase + (rateHz * since) / sampleRateHz + offset;
      const triangle = 1 - 4 * Math.abs(((p + 0.25) % 1) - 0.5);
      const sine = Math.sin(2 * Math.PI * p);
      return centre * (1 + voice / 16) + depth * (sine + controls.now[SHAPE] * (triangle - sine));
    });
  }

  function gainOf(voice: number, channel: number): number {
    const [left, right] = controls.now.subarray(GAINS + 2 * voice, GAINS + 2 * voice + 2);
    if (mono) return Math.sqrt((left * left + right * right) / 2);
    return channel === 0 ? left : right;
  }

  /** What the voices hear in a channel, all together and the first alone. */
  function listen(c: number, delays: readonly number[]): { wet: number; first: number } {
    const ago = (frames: number) => lines[c][(head - frames + length) % length];
    const voices = delays.map((delay) => readBetween(ago, delay));
    return { wet: voices.reduce((sum, voice, v) => sum + gainOf(v, c) * voice, 0), first: voices[0] };
  }

  function sound(x: readonly number[]): number[] {
    const share = controls.shareOfNew;
    const delays = delaysOf(controls.now[DELAY], controls.now[DEPTH]);
    const oldDelays = delaysOf(controls.oldDelay, controls.oldDepth);
    const wet = x.map((sample, c) => {
      const fresh = listen(c, delays);
      const old = share < 1 ? listen(c, oldDelays) : fresh;
      const back = share * fresh.first + (1 - share) * old.first;
      lines[c][head] = sane(sane(sample) + controls.now[FEEDBACK] * back);
      return share * fresh.wet + (1 - share) * old.wet;
    });
    emptyFrames = lines.every((line) => line[head] === 0) ? emptyFrames + 1 : 0;
    head = (head + 1) % length;
    since++;
    return wet;
  }

  return {
    latencyFrames: 0,
    tailFrames,
    reset() {
      for (const line of lines) line.fill(0);
      rateHz = latest[RATE_HZ];
      rest();
    },
    process({ frames, inputs: [main], outputs: [out], params: now }) {
      latest = now;
      followRate(now[RATE_HZ]);
      controls.follow(now, resting);
      for (let i = 0; i < frames; i++) {
        const x = main.map((channel) => channel[i]);
        if (resting) resting = x.every((sample) => sane(sample) === 0);
        if (!resting) controls.advance();
        const wet = resting ? x.map(() => 0) : sound(x);
        for (const [c, channel] of out.entries()) {
          channel[i] = controls.now[DRY] * audible(x[c]) + wet[c];
        }
        silentFrames = x.every((sample) => sample === 0) ? silentFrames + 1 : 0;
        if (emptyFrames === length) rest();
      }
      return resting ? 0 : Math.max(1, tailFrames + length - silentFrames);
    },
  };
}

/** What may go into a line: neither what would never end nor what no one could hear. */
function sane(x: number): number {
  const magnitude = Math.abs(x);
  return magnitude >= QUIET && magnitude < LOUDEST ? x : 0;
}

function audible(x: number): number {
  return Math.abs(x) < NOTHING ? 0 : x;
}
