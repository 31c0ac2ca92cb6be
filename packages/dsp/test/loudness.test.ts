import { albumIntegratedLufs, LoudnessMeter, measureAudio } from "@gainstage/dsp";
import { describe, expect, it } from "vitest";
import { kWeightedEnergy, kWeighting } from "../src/k-weighting.ts";
import { powerToLufs } from "../src/loudness-gate.ts";
import { expectWithin } from "./expect-within.ts";
import { chunks, fromDb, kernels, noise, sine, toneSequence } from "./signals.ts";

describe("K-weighting", () => {
  it("is the table of BS.1770 at 48 kHz", () => {
    const { shelf, highPass } = kWeighting(48000);
    const standard = [
      [shelf.b0, 1.53512485958697],
      [shelf.b1, -2.69169618940638],
      [shelf.b2, 1.19839281085285],
      [shelf.a1, -1.69065929318241],
      [shelf.a2, 0.73248077421585],
      [highPass.b0, 1],
      [highPass.b1, -2],
      [highPass.b2, 1],
      [highPass.a1, -1.99004745483398],
      [highPass.a2, 0.99007225036621],
    ];
    for (const [ours, table] of standard) expect(Math.abs(ours - table)).toBeLessThan(1e-13);
  });

  for (const rateHz of [8000, 22050, 44100, 48000, 96000, 192000]) {
    it(`gives the same energy in the kernel as in the twin at ${rateHz} Hz, within 1e-9 dB`, () => {
      const hop = rateHz * 0.4;
      const [left, right] = [noise(hop, 1), noise(hop, 2, 0.1)];
      const meter = new LoudnessMeter(kernels, rateHz, 2);
      meter.process([left, right]);
      const power = (kWeightedEnergy(left, rateHz) + kWeightedEnergy(right, rateHz)) / hop;
      expectWithin(meter.maxMomentaryLufs, powerToLufs(power)!, 1e-9);
    });
  }
});

describe("the loudness meter", () => {
  it("reads -3.01 LUFS for 997 Hz at 0 dBFS in one front channel (BS.1770-5 Annex 1)", () => {
    const tone = sine(48000 * 20, { hz: 997, rateHz: 48000 });
    const stereo = new LoudnessMeter(kernels, 48000, 2);
    stereo.process([tone, new Float32Array(tone.length)]);
    expectWithin(stereo.integratedLufs, -3.01, 0.005);
    const mono = new LoudnessMeter(kernels, 48000, 1);
    mono.process([tone]);
    expectWithin(mono.integratedLufs, -3.01, 0.005);
  });

  it("reads the same however the recording is cut into chunks", () => {
    const channels = [noise(44100 * 4, 4), noise(44100 * 4, 5)];
    const whole = new LoudnessMeter(kernels, 44100, 2);
    whole.process(channels);
    const cut = new LoudnessMeter(kernels, 44100, 2);
    for (const chunk of chunks(channels, [1, 128, 997, 4096, 20000, 0])) cut.process(chunk);
    expectWithin(cut.integratedLufs, whole.integratedLufs!, 1e-9);
    expectWithin(cut.maxMomentaryLufs, whole.maxMomentaryLufs!, 1e-9);
    expectWithin(cut.maxShortTermLufs, whole.maxShortTermLufs!, 1e-9);
    expect(cut.momentaryLufs.length).toBe(whole.momentaryLufs.length);
  });

  it("reads null for silence, for what is too short and for what is not a number", () => {
    const silence = new Float32Array(48000 * 4);
    const short = noise(48000 * 0.39, 6);
    const broken = new Float32Array(48000 * 4).fill(Number.NaN);
    for (const channel of [silence, short, broken]) {
      const { integratedLufs, loudnessRangeLu, maxMomentaryLufs, maxShortTermLufs } = measureAudio(
        kernels,
        [channel],
        48000,
      );
      expect([integratedLufs, loudnessRangeLu, maxMomentaryLufs, maxShortTermLufs]).toEqual(
        Array(4).fill(null),
      );
    }
  });

  it("measures an album as its tracks one after the other", () => {
    const rateHz = 48000;
    const tracks = [-20, -26, -45].map((dbfs) => toneSequence([[10, dbfs]], rateHz));
    const meters = tracks.map((track) => {
      const meter = new LoudnessMeter(kernels, rateHz, 2);
      meter.process([track, track]);
      return meter;
    });
    // 97 blocks each; the third track falls below the relative gate.
    const expected = 10 * Math.log10((fromDb(-20) ** 2 + fromDb(-26) ** 2) / 2);
    expectWithin(albumIntegratedLufs(meters), expected, 0.05);
    expect(albumIntegratedLufs([])).toBeNull();
  });

  it("says what is wrong with a sample rate, a channel count or a chunk it cannot measure", () => {
    expect(() => new LoudnessMeter(kernels, 100, 2)).toThrow(/at least 4000 Hz, not 100/);
    expect(() => new LoudnessMeter(kernels, 48000, 8)).toThrow(
      /1 to 6 channels, not 8: pass one weight per channel/,
    );
    expect(() => new LoudnessMeter(kernels, 48000, 2).process([new Float32Array(1)])).toThrow(
      /2 channels and was given 1/,
    );
    const weighted = new LoudnessMeter(kernels, 48000, 8, { channelWeights: Array(8).fill(1) });
    weighted.process(Array.from({ length: 8 }, () => toneSequence([[4, -23]], 48000)));
    expectWithin(weighted.integratedLufs, -23 + 10 * Math.log10(4), 0.1);
  });
});
