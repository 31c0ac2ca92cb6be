/** The spaces: what ISO 3382 measures on them, and the kernel's responses against its twin's. */
import { reverberationTimeS, start, stream } from "@gainstage/conformance";
import { describe, expect, test } from "vitest";
import { responseFor } from "../src/response.ts";
import { SPACES } from "../src/spaces.ts";
import { click, impulseResponse, kernel, RATE_HZ, SPACE_IDS, spaceOf, WET } from "./convolver-runs.ts";
import { clarityDb } from "./room-acoustics.ts";

/** C80 in dB, as the README has it. */
const CLARITY_DB = [-1.6, 2.0, -9.7, -3.4, 8.9, 15.6, 4.0, 0.7];

const lengthS = (space: number, stretch = 1) => (stretch * 80 * Math.max(...SPACES[space].decaysS)) / 60;
const each = SPACE_IDS.map((name, space) => ({ name, space }));

test("are one for each choice but the last", () => {
  expect(SPACE_IDS).toHaveLength(SPACES.length);
});

describe.each(each)("$name", ({ space }) => {
  const response = impulseResponse({ space }, lengthS(space) + 0.1);

  test("decays in every octave within 5 % of its time", () => {
    for (const [octave, hz] of [125, 250, 500, 1000, 2000, 4000, 8000].entries()) {
      const ratio = reverberationTimeS(response, hz) / SPACES[space].decaysS[octave + 1];
      expect(Math.abs(ratio - 1), `${hz} Hz: ${ratio} of the time stated`).toBeLessThan(0.05);
    }
  });

  test("is as clear as stated, within 0.1 dB, and has unit energy", () => {
    expect(Math.abs(clarityDb(response) - CLARITY_DB[space])).toBeLessThan(0.1);
    const energy = response.reduce((sum, channel) => channel.reduce((s, x) => s + x * x, sum), 0);
    expect(energy).toBeCloseTo(2, 4);
  });

  test("is the twin's response, at a quarter of the decay", () => {
    const expected = responseFor(space, 0.25, RATE_HZ, undefined);
    const actual = impulseResponse({ space, decayPercent: 25 }, lengthS(space, 0.25) + 0.01);
    for (const [c, channel] of expected.entries()) {
      const differs = channel.findIndex((x, i) => !(Math.abs(actual[c][i] - x) < 1e-6));
      expect(differs, `first frame of channel ${c} that differs`).toBe(-1);
      expect(actual[c].subarray(channel.length).findIndex((x) => Math.abs(x) > 1e-7)).toBe(-1);
    }
  });
});

test.each([44_100, 96_000])("are the twin's at %i Hz too", (sampleRateHz) => {
  const space = spaceOf("drum-room");
  const expected = responseFor(space, 0.5, sampleRateHz, undefined);
  const processor = start(kernel, { params: { ...WET, space, decayPercent: 50 }, sampleRateHz });
  const actual = stream(processor, click(expected[0].length));
  for (const [c, channel] of expected.entries()) {
    const differs = channel.findIndex((x, i) => !(Math.abs(actual[c][i] - x) < 1e-6));
    expect(differs, `first frame of channel ${c} that differs`).toBe(-1);
  }
});

test("the decay stretches every octave", () => {
  const response = impulseResponse({ space: 4, decayPercent: 150 }, lengthS(4, 1.5) + 0.1);
  for (const [octave, hz] of [125, 250, 500, 1000, 2000, 4000, 8000].entries()) {
    const ratio = reverberationTimeS(response, hz) / (1.5 * SPACES[4].decaysS[octave + 1]);
    expect(Math.abs(ratio - 1), `${hz} Hz: ${ratio} of the time asked for`).toBeLessThan(0.05);
  }
});
