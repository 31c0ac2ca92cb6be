// The cases of EBU Tech 3341 (2023) table 1 and EBU Tech 3342 (2023) table 1 that can be synthesised. Cases 3341-7 and -8
// and 3342-5 and -6 are recordings that may not be passed on; the true-peak cases are in true-peak.test.ts.

import { LoudnessMeter } from "@gainstage/dsp";
import { describe, it } from "vitest";
import { expectWithin } from "./expect-within.ts";
import { kernels, noise, type Stretch, toneSequence } from "./signals.ts";

const SILENT = Number.NEGATIVE_INFINITY;

function stereoMeter(stretches: readonly Stretch[], rateHz = 48000): LoudnessMeter {
  const tone = toneSequence(stretches, rateHz);
  const meter = new LoudnessMeter(kernels, rateHz, 2);
  meter.process([tone, tone]);
  return meter;
}

function repeated<T>(times: number, items: readonly T[]): T[] {
  return Array.from({ length: times }, () => items).flat();
}

describe("EBU Tech 3341", () => {
  for (const rateHz of [44100, 48000, 96000]) {
    const at = `at ${rateHz} Hz`;

    it.each([
      [1, -23],
      [2, -33],
    ])(`case %i: a steady tone reads %f LUFS on all three ${at}`, (_, lufs) => {
      const meter = stereoMeter([[20, lufs]], rateHz);
      expectWithin(meter.maxMomentaryLufs, lufs, 0.1);
      expectWithin(meter.maxShortTermLufs, lufs, 0.1);
      expectWithin(meter.integratedLufs, lufs, 0.1);
    });

    const gated: [number, Stretch[]][] = [
      [
        3,
        [
          [10, -36],
          [60, -23],
          [10, -36],
        ],
      ],
      [
        4,
        [
          [10, -72],
          [10, -36],
          [60, -23],
          [10, -36],
          [10, -72],
        ],
      ],
      [
        5,
        [
          [20, -26],
          [20.1, -20],
          [20, -26],
        ],
      ],
    ];
    it.each(gated)(`case %i: the gates leave -23 LUFS ${at}`, (_, stretches) => {
      if (rateHz > 48000) stretches = stretches.map(([seconds, dbfs]) => [seconds / 2, dbfs]);
      expectWithin(stereoMeter(stretches, rateHz).integratedLufs, -23, 0.1);
    });
  }

  it("case 6: surround channels weigh 1.41 and the LFE nothing", () => {
    const [front, centre, surround] = [-28, -24, -30].map((dbfs) => toneSequence([[20, dbfs]], 48000));
    const five = new LoudnessMeter(kernels, 48000, 5);
    five.process([front, front, centre, surround, surround]);
    expectWithin(five.integratedLufs, -23, 0.1);
    const six = new LoudnessMeter(kernels, 48000, 6);
    six.process([front, front, centre, noise(front.length, 3), surround, surround]);
    expectWithin(six.integratedLufs, five.integratedLufs!, 1e-9);
  });

  it("case 9: short-term loudness is constant after 3 s", () => {
    const meter = stereoMeter(
      repeated<Stretch>(5, [
        [1.34, -20],
        [1.66, -30],
      ]),
    );
    for (const lufs of meter.shortTermLufs) expectWithin(lufs, -23, 0.1);
    expectWithin(meter.maxShortTermLufs, -23, 0.1);
  });

  it.each([0, 7, 13, 19])("case 10, file %i: the short-term maximum does not depend on alignment", (i) => {
    expectWithin(
      stereoMeter([
        [i * 0.15, SILENT],
        [3, -23],
        [1, SILENT],
      ]).maxShortTermLufs,
      -23,
      0.1,
    );
  });

  it("case 11: the short-term maximum follows successive tones", () => {
    const meter = new LoudnessMeter(kernels, 48000, 2);
    for (const i of [0, 6, 13, 19]) {
      const tone = toneSequence(
        [
          [i * 0.15, SILENT],
          [3, -38 + i],
          [3 - i * 0.15, SILENT],
        ],
        48000,
      );
      meter.process([tone, tone]);
      expectWithin(meter.maxShortTermLufs, -38 + i, 0.1);
    }
  });

  it("case 12: momentary loudness is constant after 1 s", () => {
    const meter = stereoMeter(
      repeated<Stretch>(25, [
        [0.18, -20],
        [0.22, -30],
      ]),
    );
    for (const lufs of meter.momentaryLufs.slice(6)) expectWithin(lufs, -23, 0.1);
  });

  it.each(Array.from({ length: 20 }, (_, i) => i))(
    "case 13, file %i: the momentary maximum does not depend on alignment",
    (i) => {
      expectWithin(
        stereoMeter([
          [i * 0.02, SILENT],
          [0.4, -23],
          [1, SILENT],
        ]).maxMomentaryLufs,
        -23,
        0.1,
      );
    },
  );

  it("case 14: the momentary maximum follows successive tones", () => {
    const meter = new LoudnessMeter(kernels, 48000, 2);
    for (let i = 0; i < 20; i++) {
      const tone = toneSequence(
        [
          [i * 0.02, SILENT],
          [0.4, -38 + i],
          [0.4 - i * 0.02, SILENT],
        ],
        48000,
      );
      meter.process([tone, tone]);
      expectWithin(meter.maxMomentaryLufs, -38 + i, 0.1);
    }
  });

  it("§2.9: a -18 dBFS stereo tone reads -18 LUFS", () => {
    expectWithin(stereoMeter([[20, -18]]).integratedLufs, -18, 0.1);
  });
});

describe("EBU Tech 3342", () => {
  const cases: [number, number, Stretch[]][] = [
    [
      1,
      10,
      [
        [20, -20],
        [20, -30],
      ],
    ],
    [
      2,
      5,
      [
        [20, -20],
        [20, -15],
      ],
    ],
    [
      3,
      20,
      [
        [20, -40],
        [20, -20],
      ],
    ],
    [
      4,
      15,
      [
        [20, -50],
        [20, -35],
        [20, -20],
        [20, -35],
        [20, -50],
      ],
    ],
  ];
  it.each(cases)("case %i: the loudness range is %i LU, within 0.1", (_, range, stretches) => {
    expectWithin(stereoMeter(stretches).loudnessRangeLu, range, 0.1);
    expectWithin(stereoMeter(stretches, 44100).loudnessRangeLu, range, 0.1);
  });
});
