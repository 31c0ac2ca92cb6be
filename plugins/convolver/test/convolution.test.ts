/** The partitioned convolution against its definition in double precision. */
import { noise, random, sameBits, start, stream } from "@gainstage/conformance";
import { describe, expect, test } from "vitest";
import { click, convolvedAt, decibels, gainFor, kernel, owning, RATE_HZ, silence } from "./convolver-runs.ts";

/** Frames at which the definition is worked out; all of them would take minutes. */
const PROBES = 150;

// 64 is the head; stages begin at 64, 512, 2048, 8192 and 32768 frames, if they are used.
test.each([1, 63, 64, 65, 128, 511, 513, 2047, 2600, 8300, 33_000, 66_000, 192_000])(
  "a response of %i frames: below -120 dBFS from the definition, for noise at full scale",
  (length) => {
    const h = [noise(length, 1), noise(length, 2)];
    const x = [noise(length + 9000, 3), noise(length + 9000, 4)];
    const y = stream(start(kernel, owning(h)), x, { blocks: [512] });
    const gain = gainFor(h);
    const next = random(length);
    let worst = 0;
    for (let probe = 0; probe < PROBES; probe++) {
      const n = Math.floor(x[0].length * next());
      for (const [c, channel] of y.entries())
        worst = Math.max(worst, Math.abs(channel[n] - gain * convolvedAt(h[c], x[c], n)));
    }
    expect(decibels(worst)).toBeLessThan(-120);
  },
);

test("an impulse gives the response, from the frame that it comes at", () => {
  const h = [noise(70_000, 5), noise(70_000, 6)];
  const [at, gain] = [777, gainFor(h)];
  const y = stream(start(kernel, owning(h)), click(72_000, at), { blocks: [512] });
  for (const [c, channel] of y.entries()) {
    expect(channel.subarray(0, at).findIndex((v) => v !== 0)).toBe(-1);
    const differs = h[c].findIndex((v, i) => !(Math.abs(channel[at + i] - gain * v) < 1e-7));
    expect(differs, `first frame of channel ${c} that differs`).toBe(-1);
  }
});

test("a unit impulse as the response gives the input, without latency", () => {
  const x = [noise(3000, 7), noise(3000, 8)];
  const y = stream(start(kernel, owning([Float32Array.of(1), Float32Array.of(1)])), x);
  sameBits(y, x, "convolved with an impulse");
});

test("left is convolved with left, right with right", () => {
  const h = [noise(3000, 9), new Float32Array(3000)];
  const x = [noise(6000, 10), noise(6000, 11)];
  const [left, right] = stream(start(kernel, owning(h)), x);
  expect(right.findIndex((v) => v !== 0)).toBe(-1);
  expect(left[5000]).toBeCloseTo(gainFor(h) * convolvedAt(h[0], x[0], 5000), 5);
});

test("is the same to the bit however the stream is cut", () => {
  const frames = 120_000;
  const x = [noise(frames, 12), noise(frames, 13)];
  const given = { ...owning([noise(100_000, 14), noise(100_000, 15)]), maxFrames: 8192 };
  const whole = stream(start(kernel, given), x, { blocks: [8192] });
  const next = random(16);
  for (const longest of [8192, 700, 40]) {
    const blocks = Array.from({ length: 99 }, () => 1 + Math.floor(longest * next() ** 2));
    sameBits(stream(start(kernel, given), x, { blocks }), whole, `in blocks of up to ${longest}`);
  }
});

describe("the tail", () => {
  const length = 3000;
  const h = [noise(length, 17), noise(length, 18)];
  const FILTERS = 0.25 * RATE_HZ;
  const PRE_DELAY = 0.25 * RATE_HZ;

  test("is declared as pre-delay, response and filters have it", () => {
    const processor = start(kernel, owning(h));
    expect(processor.tailFrames).toBe(length - 1 + PRE_DELAY + FILTERS);
  });

  test("ends with the response where there is neither pre-delay nor filter", () => {
    const processor = start(kernel, owning(h));
    const [left] = stream(processor, click(1));
    const after = [...left, ...stream(processor, silence(20_000))[0]];
    const last = after.findLastIndex((v) => Math.abs(v) > 1e-7);
    expect(last).toBe(length - 1);
  });

  test("is over when it says so, and the next sound is as the first", () => {
    const processor = start(kernel, owning(h));
    const x = [noise(5000, 19), noise(5000, 20)];
    const first = stream(processor, x, { blocks: [77] });
    let left = 1;
    let frames = 0;
    for (; left > 0; frames += 50)
      stream(processor, silence(50), { blocks: [50], onBlock: (now) => (left = now) });
    expect(frames).toBeLessThan(processor.tailFrames + 3 * 64);
    stream(processor, silence(12_345), { blocks: [1000] });
    sameBits(stream(processor, x, { blocks: [500] }), first, "after a rest");
  });
});
