/** What runs in real time: nothing allocated, no slow corner, the same after hours. */
import { fromKnob, type LoadedPlugin, type Manifest, type RunningProcessor } from "@gainstage/plugin-api";
import type { Case } from "../cases/case.ts";
import { CheckFailed } from "../cases/check-failed.ts";
import { cornersOf } from "../cases/corners.ts";
import { liveParams } from "../cases/random-cases.ts";
import { type Check, demand } from "../check.ts";
import { bytesAllocatedBy, memoryBytesOf, memoryPerInstance } from "../measuring/allocation.ts";
import { allFinite, peakOf } from "../measuring/compare.ts";
import { nsPerFrame } from "../measuring/speed.ts";
import { play, playOn, setupOf, withProcessor } from "../playing/play.ts";
import { noise, random } from "../playing/signals.ts";
import { mainInputOf, type ParamChange, runBlock, SAMPLE_RATE_HZ, start, stream } from "../playing/stream.ts";
import { property } from "../property.ts";

const MEASURED_BLOCKS = 2000;
/** After them the compiler is done, mostly. */
const SETTLED_BLOCKS = 3000;
/** One sample can be the profiler's own; one object a block would be 16 bytes or more each time. */
const ALLOWED_BYTES = 8 * MEASURED_BLOCKS;

function fillInputs({ block }: RunningProcessor): void {
  for (const [p, port] of block.inputs.entries())
    for (const [c, channel] of port.entries()) channel.set(noise(channel.length, 90 + 8 * p + c));
}

const allocation: Check = {
  id: "R01",
  level: "must",
  title: "allocates nothing while it runs",
  run({ plugin, wasm }) {
    const processor = start(plugin);
    fillInputs(processor);
    const run = (times: number) => {
      for (let k = 0; k < times; k++) runBlock(processor, 128);
    };
    if (wasm) {
      const memory = memoryBytesOf(processor, true);
      run(SETTLED_BLOCKS);
      const grown = memoryBytesOf(processor, true) - memory;
      demand(grown === 0, `its memory grew by ${grown} bytes in process()`);
    }
    // The optimising compiler works on a thread of its own; until it is done, V8 boxes numbers. Hence the attempts.
    let bytes = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < 5 && bytes > ALLOWED_BYTES; attempt++) {
      run(SETTLED_BLOCKS);
      bytes = Math.min(
        bytes,
        bytesAllocatedBy(() => run(MEASURED_BLOCKS)),
      );
    }
    demand(bytes <= ALLOWED_BYTES, `allocates ${Math.round(bytes / MEASURED_BLOCKS)} bytes a block`);
  },
};

const speed: Check = {
  id: "R02",
  level: "info",
  title: "measures the time that a block takes",
  run({ plugin, manifest, measured }) {
    const figures = [128, 512].map((frames) => {
      const ns = nsPerFrame(plugin, {}, frames);
      return `${ns.toFixed(1)} ns per frame in blocks of ${frames}`;
    });
    const corners = cornersOf(manifest).map((params) => ({ params, ns: nsPerFrame(plugin, { params }) }));
    const slowest = corners.reduce((a, b) => (b.ns > a.ns ? b : a));
    const where = manifest.params.length === 0 ? "" : `: ${cornerText(manifest, slowest.params)}`;
    measured(
      `${figures.join(", ")}; ${slowest.ns.toFixed(1)} at the slowest corner of its parameters${where}`,
    );
  },
};

/** The few at one end by id, the others by their end. */
function cornerText({ params }: Manifest, corner: Readonly<Record<string, number>>): string {
  const at = (end: "min" | "max") => params.filter((p) => corner[p.id] === p[end]).map(({ id }) => id);
  const [low, high] = [at("min"), at("max")];
  const [few, end, rest] = low.length < high.length ? [low, "min", "max"] : [high, "max", "min"];
  return few.length === 0
    ? `all at their ${rest}`
    : `${few.join(", ")} at their ${end}, others at their ${rest}`;
}

const SIZES = [32, 64, 128, 256, 512, 1024];
const MIN_R_SQUARED = 0.9;

const proportional: Check = {
  id: "R03",
  level: "should",
  timed: true,
  title: "takes a time that is a constant and a share of the frames",
  run({ plugin, measured }) {
    const points = SIZES.map((frames) => ({ frames, ns: nsPerFrame(plugin, {}, frames) * frames }));
    const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    const [mx, my] = [mean(points.map((p) => p.frames)), mean(points.map((p) => p.ns))];
    const sxy = points.reduce((sum, p) => sum + (p.frames - mx) * (p.ns - my), 0);
    const sxx = points.reduce((sum, p) => sum + (p.frames - mx) ** 2, 0);
    const syy = points.reduce((sum, p) => sum + (p.ns - my) ** 2, 0);
    const slope = sxy / sxx;
    const rSquared = sxy ** 2 / (sxx * syy);
    measured(
      `${Math.max(0, my - slope * mx).toFixed(0)} ns + ${slope.toFixed(1)} ns × frames, R² ${rSquared.toFixed(3)}`,
    );
    demand(rSquared >= MIN_R_SQUARED, `time is not in proportion to frames: R² ${rSquared.toFixed(3)}`);
  },
};

const MAX_ACTIVATION_MS = 100;

const activation: Check = {
  id: "R04",
  level: "should",
  timed: true,
  title: "activates within 100 ms",
  run({ plugin, manifest, measured }) {
    let slowest = 0;
    for (const params of [{}, ...cornersOf(manifest)]) {
      let fastest = Number.POSITIVE_INFINITY;
      for (let k = 0; k < 3; k++) {
        const before = performance.now();
        const processor = start(plugin, setupOf({ params }));
        fastest = Math.min(fastest, performance.now() - before);
        processor.dispose();
      }
      demand(fastest <= MAX_ACTIVATION_MS, `takes ${fastest.toFixed(0)} ms`);
      slowest = Math.max(slowest, fastest);
    }
    measured(`${slowest.toFixed(2)} ms`);
  },
};

const memory: Check = {
  id: "R05",
  level: "info",
  title: "measures the memory that an instance takes",
  run({ fresh, wasm, measured }) {
    measured(`${Math.round(memoryPerInstance(fresh(), wasm !== undefined) / 1024)} KiB`);
  },
};

const HUGE_FRAMES = 16_384;

const returns = property({
  id: "R06",
  level: "must",
  title: "returns from every call within 2 s",
  listed: (manifest) =>
    [{}, ...cornersOf(manifest)].flatMap((params) =>
      [48_000, 192_000].map((sampleRateHz) => ({
        params,
        sampleRateHz,
        maxFrames: HUGE_FRAMES,
        blocks: [HUGE_FRAMES],
        frames: HUGE_FRAMES,
      })),
    ),
  holds({ plugin }, given) {
    // The watch over the calls is what decides; it needs only the calls.
    withProcessor(plugin, given, (processor) => playOn(processor, plugin.manifest, given));
  },
});

const SOAK_CHUNK_FRAMES = SAMPLE_RATE_HZ;
/** +60 dBFS. Random gains may add up to more; then it is compared with what each setting gives by itself. */
const LOUDEST = 1000;
const TWICE = 2;

/** The highest peak of the signal at any of the settings that the changes go through, held still. */
function loudestHeld(
  plugin: LoadedPlugin,
  signal: readonly Float32Array[],
  held: Float64Array,
  changes: readonly ParamChange[],
): number {
  let loudest = 0;
  for (const change of [undefined, ...changes]) {
    if (change) held[change.param] = change.value;
    const params = Object.fromEntries(plugin.manifest.params.map(({ id }, i) => [id, held[i]]));
    loudest = withProcessor(plugin, { params }, (processor) =>
      Math.max(loudest, peakOf(stream(processor, signal, { blocks: [512] }))),
    );
  }
  return loudest;
}

const soak: Check = {
  id: "R07",
  level: "should",
  title: "runs on and on under automation: finite, no larger, as new after reset()",
  run({ plugin, fresh, manifest, wasm, caseFrames, soakMinutes, seed, measured }) {
    const live = liveParams(manifest);
    const next = random(seed);
    const given: Case = { frames: caseFrames };
    withProcessor(plugin, given, (processor) => {
      const signal = mainInputOf(processor).map((_, c) => noise(SOAK_CHUNK_FRAMES, 7 + c, 0.5));
      const before = memoryBytesOf(processor, wasm !== undefined);
      const seconds = Math.ceil(60 * soakMinutes);
      for (let second = 0; second < seconds; second++) {
        const changes = Array.from({ length: live.length === 0 ? 0 : 20 }, (_, k) => {
          const param = live[Math.floor(next() * live.length)];
          const value = fromKnob(param, next());
          return { frame: k * 2400, param: manifest.params.indexOf(param), value };
        });
        const held = processor.block.params.slice();
        const peak = peakOf(stream(processor, signal, { blocks: [512], changes }));
        if (!(peak <= LOUDEST || peak <= TWICE * loudestHeld(fresh(), signal, held, changes)))
          throw new CheckFailed(`reaches ${peak} in second ${second}`);
      }
      const grown = memoryBytesOf(processor, wasm !== undefined) - before;
      demand(grown <= 4 << 20, `has grown by ${grown} bytes in ${seconds} s`);
      for (const [i, param] of manifest.params.entries()) processor.block.params[i] = param.default;
      processor.reset();
      const after = playOn(processor, manifest, given);
      const expected = withProcessor(fresh(), given, (other) => playOn(other, manifest, given));
      for (const [c, channel] of after.entries())
        for (let i = 0; i < channel.length; i++)
          if (!Object.is(channel[i], expected[c][i]))
            throw new CheckFailed(
              `is not as new after ${seconds} s and reset(): frame ${i} is ${channel[i]}`,
            );
      measured(`${seconds} s of audio`);
    });
  },
};

/** A plugin that takes 1 µs a frame, which is 5 % of a core, is at it for a second and a half. */
const LASTING_FRAMES = 30 * SAMPLE_RATE_HZ;

const lasts = property({
  id: "R08",
  level: "must",
  title: `stays finite through ${LASTING_FRAMES / SAMPLE_RATE_HZ} s of noise at its defaults`,
  listed: () => [{ frames: LASTING_FRAMES, blocks: [512] }],
  holds({ plugin }, given) {
    const seconds = (given.frames ?? LASTING_FRAMES) / SAMPLE_RATE_HZ;
    allFinite(play(plugin, given), `within ${Number(seconds.toFixed(2))} s of noise`);
  },
});

export const REALTIME_CHECKS: readonly Check[] = [
  allocation,
  speed,
  proportional,
  activation,
  memory,
  returns,
  soak,
  lasts,
];
