/** How long a run has to be: of plugins whose answer is known. */
import { type LoadedPlugin, ModulePlugin, type Plugin } from "@gainstage/plugin-api";
import { expect, test } from "vitest";
import { CASE_FRAMES } from "../src/cases/case.ts";
import { answerFrames, framesToHear } from "../src/measuring/answer.ts";
import { measureCard } from "../src/measuring/card.ts";
import { everySample, withState } from "./broken.ts";
import { resultsOf } from "./failures.ts";
import { echoPlugin, FIRST_ECHO_FRAMES } from "./sound-echo.ts";
import { activateSound, type MemoryPlugin, soundManifest } from "./sound-plugin.ts";

const loaded = ({ manifest, activate }: MemoryPlugin) => new ModulePlugin(manifest, { activate });
const sound: MemoryPlugin = { manifest: soundManifest, activate: activateSound };

/** Echoes after `frames`, again and again, each `share` of the one before; a ring of one-frame echoes is a decay. */
function feedback(frames: number, share: number): LoadedPlugin {
  const activate: Plugin["activate"] = ({ inputs: [{ channels }] }) => {
    const lines = Array.from({ length: channels }, () => new Float32Array(frames));
    let at = 0;
    return {
      latencyFrames: 0,
      tailFrames: Number.POSITIVE_INFINITY,
      reset() {
        for (const line of lines) line.fill(0);
        at = 0;
      },
      process({ frames: count, inputs: [input], outputs: [output] }) {
        for (let i = 0; i < count; i++) {
          for (const [c, line] of lines.entries()) {
            line[at] = input[c][i] + share * line[at];
            output[c][i] = line[at];
          }
          at = (at + 1) % frames;
        }
        return Number.POSITIVE_INFINITY;
      },
    };
  };
  return new ModulePlugin(
    { ...soundManifest, inputs: [soundManifest.inputs[0]], params: [], meters: [], extensions: [] },
    { activate },
  );
}

test.each([
  ["at once", loaded(sound), 64],
  ["after 1 s on the right, when 0.5 s are over on the left", loaded(echoPlugin()), 2 * FIRST_ECHO_FRAMES],
  ["with a ring that dies away", feedback(1, 0.9999), 0],
  // Each is 19 dB below the one before: the fourth is 77 dB down, which is no longer looked at.
  ["with three echoes that can be heard", feedback(10_000, 0.11), 30_000],
  ["with echoes for ever: two seconds of them", feedback(12_000, 0.99), 96_000],
])("it answers %s", (_, plugin, frames) => {
  expect(Math.abs(answerFrames(plugin) - frames)).toBeLessThanOrEqual(64);
});

test("a run is as long as ever where the answer comes at once, and longer by the answer where it does not", () => {
  expect(framesToHear(loaded(sound))).toBe(CASE_FRAMES);
  expect(framesToHear(loaded(echoPlugin()))).toBe(2 * FIRST_ECHO_FRAMES + CASE_FRAMES);
});

test("a late answer is in the fixed cases, and their length is in what fails", async () => {
  const wrong = echoPlugin({ echo: (x) => (x === 0 ? 0 : Number.NaN) });
  const [p01, p15] = await resultsOf(wrong, ["P01", "P15"]);
  expect(p01.case?.frames).toBeGreaterThan(FIRST_ECHO_FRAMES);
  expect(p15.message).not.toBe("alike, to the bit");
});

test("the card measures distortion when the echoes are over, and none where they never are", () => {
  const echo = measureCard(() => loaded(echoPlugin()), false);
  expect(echo).toMatchObject({ linear: true, timeInvariant: true });
  expect(echo.thdNoiseDb).toBeLessThan(-120);
  const endless = measureCard(() => feedback(12_000, 1), false);
  expect([endless.ringFrames, endless.thdNoiseDb]).toEqual([null, null]);
});

test("an oscillator that starts with the sound changes in time all the same", () => {
  const { manifest, activate } = withState((block, state) => {
    const [input] = block.inputs[0];
    everySample(block, (x, i, c) => {
      if (input[i] !== 0) state[2] = 1;
      state[c] += state[2];
      return x * (1 + 0.5 * Math.sin(0.0013 * state[c]));
    });
  });
  const plugin = new ModulePlugin(manifest, { activate });
  expect(measureCard(() => plugin, false)).toMatchObject({
    linear: true,
    timeInvariant: false,
    thdNoiseDb: null,
  });
});

test("R02 names the corner that takes longest", async () => {
  const { manifest, activate } = echoPlugin({
    echo: (x) => {
      let sum = x;
      for (let k = 0; x !== 0 && k < 20; k++) sum = Math.sqrt(sum * sum + 1e-30);
      return sum;
    },
  });
  const [r02] = await resultsOf({ manifest, activate }, ["R02"]);
  expect(r02.message).toMatch(
    /\d+\.\d at the slowest corner of its parameters: (all at their (min|max)|(echoPercent|tempoBpm) at their (min|max), others at their (min|max))$/,
  );
});
