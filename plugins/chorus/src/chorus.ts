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
import { Controls, DELAY, DEPTH, DRY, FEEDBACK, GAINS, RATE_HZ, SHAPE, VOICES } from "./controls.ts";
import { REACH, readBetween } from "./interpolation.ts";

const LONGEST_MS = 50 * (1 + 7 / 16) + 10;
const TAIL_MS = 132 * 60 + LONGEST_MS;
const QUIET = 1e-9;
const LOUDEST = 1e10;
/** Where the voices stand in the cycle of the LFO. */
const OFFSETS = [0, 0.5, 0.25, 0.75, 0.125, 0.625, 0.375, 0.875];

export default definePlugin({ activate: (setup) => chorus(setup) });

function chorus({ sampleRateHz, inputs, params }: ProcessSetup): Processor {
  const length = Math.ceil((LONGEST_MS * sampleRateHz) / 1000) + 4 * REACH;
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
  let silentFrames = tailFrames;

  function followRate(wantedHz: number): void {
    if (wantedHz === rateHz) return;
    phase += (rateHz * since) / sampleRateHz;
    since = 0;
    rateHz = wantedHz;
  }

  function delayOf(voice: number): number {
    const p = phase + (rateHz * since) / sampleRateHz + OFFSETS[voice];
    const triangle = 1 - 4 * Math.abs(((p + 0.25) % 1) - 0.5);
    const sine = Math.sin(2 * Math.PI * p);
    const lfo = sine + controls.now[SHAPE] * (triangle - sine);
    return controls.now[DELAY] * (1 + voice / 16) + controls.now[DEPTH] * lfo;
  }

  function gainOf(voice: number, channel: number): number {
    const [left, right] = controls.now.subarray(GAINS + 2 * voice, GAINS + 2 * voice + 2);
    if (mono) return Math.sqrt((left * left + right * right) / 2);
    return channel === 0 ? left : right;
  }

  function channelFrame(c: number, x: number, delays: readonly number[]): number {
    const line = lines[c];
    const ago = (frames: number) => line[(head - frames + length) % length];
    const voices = delays.map((delay) => readBetween(ago, delay));
    line[head] = sane(sane(x) + controls.now[FEEDBACK] * voices[0]);
    return controls.now[DRY] * x + voices.reduce((sum, voice, v) => sum + gainOf(v, c) * voice, 0);
  }

  return {
    latencyFrames: 0,
    tailFrames,
    reset() {
      for (const line of lines) line.fill(0);
      controls.settle(latest);
      rateHz = latest[RATE_HZ];
      phase = 0;
      since = 0;
      head = 0;
      silentFrames = tailFrames;
    },
    process({ frames, inputs: [main], outputs: [out], params: now }) {
      latest = now;
      followRate(now[RATE_HZ]);
      controls.follow(now);
      for (let i = 0; i < frames; i++) {
        controls.advance();
        const delays = Array.from({ length: VOICES }, (_, voice) => delayOf(voice));
        for (const [c, channel] of out.entries()) channel[i] = channelFrame(c, main[c][i], delays);
        head = (head + 1) % length;
        since++;
        silentFrames = main.every((channel) => channel[i] === 0) ? Math.min(tailFrames, silentFrames + 1) : 0;
      }
      return tailFrames - silentFrames;
    },
  };
}

/** What may go into a line: neither what would never end nor what no one could hear. */
function sane(x: number): number {
  const magnitude = Math.abs(x);
  return magnitude >= QUIET && magnitude < LOUDEST ? x : 0;
}
