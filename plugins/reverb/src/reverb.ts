/**
 * The reverb as plain scalar TypeScript: what assembly/ does in segments and vectors, a frame at a time in f64.
 *
 *   x ─┬───────────────────────────────────────────────────────────────▶ dry ──────────────────┐
 *      └▶ pre-delay ─▶ 4 all-passes ─┬▶ reflections ──────────────────▶ early ─┐                ▼
 *                                    └▶ scattering ─▶ 16-line network ▶ late ─▶ + ─▶ width ─▶ + ─▶ y
 *
 * Reflections: image sources (Allen & Berkley 1979). Network: Stautner & Puckette 1982, Jot & Chaigne 1991. See the
 * heads of the files in assembly/ for the papers in full.
 */
import { definePlugin, type Processor, type ProcessSetup } from "@gainstage/plugin-api";
import {
  Controls,
  DRY,
  EARLY,
  INJECTION,
  LATE,
  PRE_DELAY_MS,
  SIDE,
  SIZE_PERCENT,
  SPACE,
  WET,
} from "./controls.ts";
import { AllPass, Delay } from "./delay.ts";
import { Network, Scattering } from "./network.ts";
import { type Delays, delaysOf, reflectionsOf, SEGMENT, SPACES, type Space } from "./spaces.ts";

const LONGEST_PRE_DELAY_MS = 250;
const QUIET = 1e-9;
const NOTHING = 1e-20;
const LOUDEST = 1e10;
const TAIL_S = 2 * 20 * 2 * 1.1 + 2;

interface Tap {
  readonly frames: number;
  readonly gain: number;
  readonly source: number;
}

export default definePlugin({ activate: (setup) => reverb(setup) });

function reverb({ sampleRateHz, params: initial }: ProcessSetup): Processor {
  const framesPerMs = sampleRateHz / 1000;
  const space: Space = SPACES[Math.round(initial[SPACE])];
  const scale = initial[SIZE_PERCENT] / 100;
  const delays: Delays = delaysOf(space, framesPerMs * scale);
  const taps: Tap[][] = [0, 1].map((microphone) =>
    reflectionsOf(space, scale, microphone).map(({ delayMs, gain, source }) => ({
      frames: Math.max(0, Math.round(delayMs * framesPerMs) - SEGMENT),
      gain,
      source,
    })),
  );
  const longestTap = Math.max(...taps.flat().map((tap) => tap.frames), ...delays.scattering[0]);
  const preDelays = [0, 1].map(() => new Delay(Math.round(LONGEST_PRE_DELAY_MS * framesPerMs) + SEGMENT));
  const diffused = [0, 1].map(() => new Delay(longestTap));
  const allPasses = delays.allPasses.map((frames) => frames.map((m) => new AllPass(m, space.allPassGain)));
  const scattering = new Scattering(delays);
  const network = new Network(delays, sampleRateHz);
  const controls = new Controls(initial, delays.lines, sampleRateHz);
  const preDelayOf = (params: Float64Array) => Math.round(params[PRE_DELAY_MS] * framesPerMs);
  const tailFrames = Math.ceil(TAIL_S * sampleRateHz);
  const lines = [
    ...preDelays,
    ...diffused,
    ...allPasses.flat().map((allPass) => allPass.line),
    ...scattering.lines,
    ...network.lines,
  ];
  const longestLine = Math.max(...lines.map((line) => Math.ceil(line.frames / SEGMENT + 1) * SEGMENT));

  let params = initial;
  /** Frames since the sound began. */
  let frame = 0;
  let preDelay = preDelayOf(initial);
  let nextPreDelay = preDelay;
  let fadeLeft = 0;
  let silentFrames = tailFrames;
  /** Frames for which nothing louder than QUIET went into any line. */
  let quietFrames = 0;
  let resting = true;

  /** Leaves everything as after activate(): segments and modulation start with the next sound. */
  function rest(): void {
    for (const line of lines) line.clear();
    network.clearFilters();
    frame = 0;
    quietFrames = 0;
    resting = true;
    settle();
  }

  /** To what the parameters ask for at once, since nothing is heard. */
  function settle(): void {
    controls.settle(params);
    preDelay = preDelayOf(params);
    nextPreDelay = preDelay;
    fadeLeft = 0;
  }

  function beginSegment(): void {
    if (frame > 0) {
      controls.advance();
      if (fadeLeft > 0 && --fadeLeft === 0) preDelay = nextPreDelay;
    }
    controls.follow(params);
    if (fadeLeft === 0 && preDelayOf(params) !== preDelay) {
      nextPreDelay = preDelayOf(params);
      fadeLeft = controls.length;
    }
  }

  /** The wet signal of this frame: [left, right]. */
  function wet(x: readonly [number, number], share: number): [number, number] {
    const fade = fadeLeft === 0 ? 0 : 1 - (fadeLeft - share) / controls.length;
    for (const [c, line] of preDelays.entries()) {
      line.push(Math.abs(x[c]) < LOUDEST ? x[c] : 0);
      const old = line.tap(preDelay + SEGMENT);
      const late = old + fade * (line.tap(nextPreDelay + SEGMENT) - old);
      diffused[c].push(allPasses[c].reduce((signal, allPass) => allPass.next(signal), late));
    }
    scattering.next(diffused);
    const from = scattering.channels;
    const onset = space.onset * controls.at(INJECTION, share);
    network.next(from, controls, frame - (frame % SEGMENT), share);
    const late = [
      network.left + onset * (from[0] + from[4] + from[8] - from[12]),
      network.right + onset * (from[1] + from[5] + from[9] - from[13]),
    ];
    const level = (index: number) => {
      const start = controls.at(index, 0) * controls.at(WET, 0);
      return start + (controls.at(index, 1) * controls.at(WET, 1) - start) * share;
    };
    const [left, right] = late.map((sound, c) => {
      const early = taps[c].reduce(
        (sum, { frames, gain, source }) => sum + gain * diffused[source].tap(frames),
        0,
      );
      return level(EARLY) * early + level(LATE) * sound;
    });
    const middle = (left + right) / 2;
    const side = (controls.at(SIDE, share) * (left - right)) / 2;
    return [middle + side, middle - side];
  }

  return {
    latencyFrames: 0,
    tailFrames,
    reset() {
      silentFrames = tailFrames;
      rest();
    },
    process({ frames, inputs, outputs, params: now }) {
      params = now;
      if (resting) settle();
      for (let i = 0; i < frames; i++) {
        const x: [number, number] = [inputs[0][0][i], inputs[0][1][i]];
        if (!resting && frame > 0 && frame % SEGMENT === 0) {
          const peak = Math.max(...lines.map((line) => line.takePeak()));
          quietFrames = peak < QUIET ? quietFrames + SEGMENT : 0;
          if (quietFrames > longestLine) rest();
        }
        if (resting) resting = !x.some(isHeard);
        if (!resting && frame % SEGMENT === 0) beginSegment();
        const share = (frame % SEGMENT) / SEGMENT;
        const sound = resting ? [0, 0] : wet(x, share);
        for (const [c, channel] of outputs[0].entries()) {
          channel[i] = controls.at(DRY, share) * (Math.abs(x[c]) < NOTHING ? 0 : x[c]) + sound[c];
        }
        silentFrames = x[0] === 0 && x[1] === 0 ? Math.min(tailFrames, silentFrames + 1) : 0;
        if (!resting) frame++;
      }
      return resting ? 0 : Math.max(1, tailFrames - silentFrames);
    },
  };
}

function isHeard(x: number): boolean {
  const magnitude = Math.abs(x);
  return magnitude >= QUIET && magnitude < LOUDEST;
}
