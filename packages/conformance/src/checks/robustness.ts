/** Extremes, rates, layouts, and input that is not a number. */
import type { Layout } from "@gainstage/plugin-api";
import { bytesAllocatedBy } from "../allocation.ts";
import { allPorts, type Check, liveParams, randomParams } from "../check.ts";
import { allFinite, CheckFailed, peakOf, sameBits } from "../compare.ts";
import { noise, sine } from "../signals.ts";
import { runBlock, start, stream } from "../stream.ts";

/** +60 dB. */
const LOUDEST = 1000;

const MEASURED_BLOCKS = 2000;
/** One sample can be the profiler's own; one object a block would be 16 bytes or more each time. */
const ALLOWED_BYTES = 8 * MEASURED_BLOCKS;

const loud = () => [noise(2400, 51, 1), noise(2400, 52, 1)];

export const extremes: Check = {
  id: "robustness/extremes",
  title: "stays finite and below +60 dBFS at both ends of every parameter, alone and together",
  run(plugin) {
    const { params } = plugin.manifest;
    const all = (end: "min" | "max") => Object.fromEntries(params.map((p) => [p.id, p[end]]));
    const settings = [
      all("min"),
      all("max"),
      ...params.flatMap((p) => [{ [p.id]: p.min }, { [p.id]: p.max }]),
      ...Array.from({ length: 20 }, (_, i) => randomParams(plugin.manifest, 60 + i)),
    ];
    for (const setting of settings) {
      const what = `with ${JSON.stringify(setting)}`;
      const output = stream(start(plugin, { params: setting, connected: allPorts(plugin.manifest) }), loud());
      allFinite(output, what);
      if (peakOf(output) > LOUDEST) throw new CheckFailed(`${what}: reaches ${peakOf(output)}`);
    }
  },
};

export const jumps: Check = {
  id: "robustness/jumps",
  title: "stays finite while every parameter jumps from end to end",
  run(plugin) {
    const processor = start(plugin);
    const live = liveParams(plugin.manifest);
    for (let k = 0; k < 60; k++) {
      for (const param of live) {
        const { min, max } = plugin.manifest.params[param];
        processor.block.params[param] = (k + param) % 2 === 0 ? min : max;
      }
      const output = stream(processor, [noise(333, 70 + k, 1), noise(333, 170 + k, 1)]);
      allFinite(output, `jump ${k}`);
      if (peakOf(output) > LOUDEST) throw new CheckFailed(`jump ${k}: reaches ${peakOf(output)}`);
    }
  },
};

export const rates: Check = {
  id: "robustness/rates",
  title: "runs at every sample rate from 8 to 192 kHz, in every layout, with and without its sidechain",
  run(plugin) {
    const layouts: readonly Layout[] = plugin.manifest.inputs.find((p) => p.role === "main")?.layouts ?? [
      "stereo",
    ];
    for (const sampleRateHz of [8000, 44_100, 48_000, 88_200, 96_000, 192_000]) {
      for (const layout of layouts) {
        for (const connected of [[], allPorts(plugin.manifest)]) {
          const output = stream(start(plugin, { sampleRateHz, layout, connected }), loud());
          allFinite(output, `at ${sampleRateHz} Hz, ${layout}`);
        }
      }
    }
  },
};

export const recovery: Check = {
  id: "robustness/recovery",
  title: "is as new after reset() when it was fed NaN, infinity and 1e30",
  run(plugin) {
    const clean = [sine(2400, 997, 48_000), sine(2400, 440, 48_000)];
    const fresh = stream(start(plugin), clean);
    for (const poison of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e30]) {
      const processor = start(plugin);
      const bad = noise(512, 53);
      bad.fill(poison, 100, 110);
      stream(processor, [bad, bad]);
      processor.reset();
      sameBits(stream(processor, clean), fresh, `after ${poison} and reset`);
    }
  },
};

export const inputs: Check = {
  id: "robustness/inputs",
  title: "never writes its inputs and writes every frame of its outputs",
  run(plugin) {
    const processor = start(plugin, { connected: allPorts(plugin.manifest) });
    const { block } = processor;
    for (const frames of [1, 5, 128, 1000]) {
      const fed = block.inputs.map((port, p) =>
        port.map((channel, c) => noise(channel.length, 80 + p * 8 + c)),
      );
      block.inputs.forEach((port, p) => {
        port.forEach((channel, c) => {
          channel.set(fed[p][c]);
        });
      });
      for (const port of block.outputs) for (const channel of port) channel.fill(Number.NaN);
      runBlock(processor, frames);
      block.inputs.forEach((port, p) => {
        sameBits(port, fed[p], "an input after process()");
      });
      for (const port of block.outputs) {
        allFinite(
          port.map((channel) => channel.subarray(0, frames)),
          `the output of ${frames} frames`,
        );
      }
    }
  },
};

export const meters: Check = {
  id: "robustness/meters",
  title: "writes meters that are finite and within their ranges",
  run(plugin) {
    const declared = plugin.manifest.meters ?? [];
    for (const params of [{}, randomParams(plugin.manifest, 19)]) {
      const processor = start(plugin, { params });
      const { block } = processor;
      const onBlock = () => {
        for (const [i, meter] of declared.entries()) {
          const value = block.meters[i];
          if (!(value >= meter.min && value <= meter.max)) {
            throw new CheckFailed(`meter ${meter.id} reads ${value}, declared ${meter.min} to ${meter.max}`);
          }
        }
        block.meters.fill(Number.NaN);
      };
      block.meters.fill(Number.NaN);
      stream(processor, loud(), { onBlock });
    }
  },
};

export const allocation: Check = {
  id: "robustness/allocation",
  title: "allocates nothing while it runs",
  run(plugin) {
    const processor = start(plugin);
    for (const port of processor.block.inputs) {
      for (const [c, channel] of port.entries()) channel.set(noise(channel.length, 90 + c));
    }
    const run = (times: number) => {
      for (let k = 0; k < times; k++) runBlock(processor, 128);
    };
    // The optimising compiler works on a thread of its own; until it is done, V8 boxes numbers. Hence the attempts.
    let bytes = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < 5 && bytes > ALLOWED_BYTES; attempt++) {
      run(3000);
      bytes = Math.min(
        bytes,
        bytesAllocatedBy(() => run(MEASURED_BLOCKS)),
      );
    }
    if (bytes > ALLOWED_BYTES)
      throw new CheckFailed(`allocates ${Math.round(bytes / MEASURED_BLOCKS)} bytes a block`);
  },
};
