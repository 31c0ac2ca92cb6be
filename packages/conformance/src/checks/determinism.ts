/** The same bits: however the stream is cut, in any instance, thread, process and tier of the compiler. */
import type { RunningProcessor } from "@gainstage/plugin-api";
import fc from "fast-check";
import type { Case } from "../cases/case.ts";
import { CheckFailed } from "../cases/check-failed.ts";
import { optionalPorts, randomCases } from "../cases/random-cases.ts";
import { type Check, demand, NotRun, undecided } from "../check.ts";
import { firstDifference, sameBits } from "../measuring/compare.ts";
import { digestOf, digestsInProcess, digestsInThreads } from "../measuring/digest.ts";
import { play, withProcessor } from "../playing/play.ts";
import { noise } from "../playing/signals.ts";
import { MAX_FRAMES, stream } from "../playing/stream.ts";
import { property } from "../property.ts";
import type { Subject } from "../subject.ts";

/** Sizes at which vectors, loops and buffers begin and end. */
const BLOCK_SIZES = [1, 2, 3, 7, 16, 64, 127, 333, 512, 1024];

const partition = property({
  id: "D01",
  level: "must",
  title: "gives the same bits however the stream is cut, with parameters and transport changing",
  listed: (manifest) =>
    BLOCK_SIZES.map((size): Case => ({ blocks: [size], connected: optionalPorts(manifest) })),
  random: (manifest) =>
    randomCases(manifest, { params: true, blocks: true, changes: true, song: true, ports: true }),
  runs: 100,
  holds({ plugin }, given) {
    const whole = play(plugin, { ...given, maxFrames: MAX_FRAMES, blocks: [MAX_FRAMES] });
    sameBits(play(plugin, { ...given, maxFrames: MAX_FRAMES }), whole, `against blocks of ${MAX_FRAMES}`);
  },
});

/** What every instance is to agree on. */
function commonCases(subject: Subject): readonly Case[] {
  const drawn = fc.sample(
    randomCases(subject.manifest, { params: true, blocks: true, changes: true, ports: true }),
    { seed: subject.seed, numRuns: 5 },
  );
  return [{ frames: Math.max(9600, subject.caseFrames), blocks: [512] }, ...drawn];
}

function agree(
  digests: readonly string[],
  expected: readonly string[],
  cases: readonly Case[],
  where: string,
): void {
  const at = expected.findIndex((digest, i) => digests[i] !== digest);
  if (at >= 0) throw new CheckFailed(`sounds different ${where}`, cases[at]);
}

const again: Check = {
  id: "D02",
  level: "must",
  title: "gives the same bits in a fresh instance and in a fresh process",
  async run(subject) {
    const cases = commonCases(subject);
    const expected = cases.map((given) => digestOf(subject.plugin, given));
    agree(
      cases.map((given) => digestOf(subject.fresh(), given)),
      expected,
      cases,
      "in a fresh instance",
    );
    if (subject.folder === undefined) return;
    agree(await digestsInProcess(subject.folder, cases, []), expected, cases, "in a fresh process");
  },
};

const longest = property({
  id: "D03",
  level: "must",
  title: "gives the same bits whatever the longest block is",
  listed: () => [128, 129, 1000, 1024, 8192, 16_384].map((maxFrames) => ({ maxFrames })),
  random: (manifest) =>
    fc
      .tuple(randomCases(manifest, { params: true, changes: true }), fc.integer({ min: 128, max: 16_384 }))
      .map(([given, maxFrames]) => ({ ...given, maxFrames })),
  runs: 10,
  holds({ plugin }, given) {
    const { maxFrames, ...rest } = given;
    sameBits(
      play(plugin, given),
      play(plugin, { ...rest, maxFrames: 128 }),
      `with maxFrames ${maxFrames}, against 128`,
    );
  },
});

const mode = property({
  id: "D04",
  level: "must",
  title: "gives the same bits in realtime and offline",
  random: (manifest) => randomCases(manifest, { params: true, changes: true }),
  runs: 15,
  holds({ plugin }, given) {
    const realtime = play(plugin, { ...given, mode: "realtime" });
    sameBits(realtime, play(plugin, { ...given, mode: "offline" }), "in realtime");
  },
});

const seeds: Check = {
  id: "D05",
  level: "must",
  title: "gives the same bits for the same seed",
  run({ plugin, fresh, measured, caseFrames }) {
    const with_ = (seed: number): Case => ({ seed, frames: Math.max(9600, caseFrames) });
    sameBits(play(fresh(), with_(77)), play(plugin, with_(77)), "with seed 77 again");
    const other = firstDifference(play(plugin, with_(78)), play(plugin, with_(77)));
    measured(other === undefined ? "does not depend on the seed" : "another seed gives other samples");
  },
};

/** Of V8: the first compiles fast and once, the second only with all optimisations. */
const WASM_TIERS = [["--liftoff-only"], ["--no-liftoff"]];
const JS_TIERS = [["--no-opt", "--no-maglev", "--no-sparkplug"], ["--always-sparkplug"]];

const tiers: Check = {
  id: "D06",
  level: "must",
  title: "gives the same bits in the engine's baseline and optimising compilers",
  async run(subject) {
    const { folder, wasm } = subject;
    if (folder === undefined) throw new NotRun("the plugin is in memory, not in a folder");
    const cases = commonCases(subject);
    const expected = cases.map((given) => digestOf(subject.plugin, given));
    const flags = wasm ? WASM_TIERS : JS_TIERS;
    const results = await Promise.all(flags.map((set) => digestsInProcess(folder, cases, set)));
    for (const [i, digests] of results.entries())
      agree(digests, expected, cases, `with ${flags[i].join(" ")}`);
  },
};

/** The memory of a wasm processor's package. */
const memoryOf = (processor: RunningProcessor) => new Uint8Array(processor.block.outputs.flat()[0].buffer);

const snapshot: Check = {
  id: "D08",
  level: "must",
  title:
    "has all of its state in its memory: put back, or copied to another instance, it goes on with the same bits",
  run({ plugin, fresh, wasm, caseFrames }) {
    if (!wasm) throw new NotRun("an ES module has no memory of its own to copy");
    const part = (seed: number) => [noise(caseFrames, seed), noise(caseFrames, seed + 1)];
    withProcessor(plugin, {}, (processor) => {
      stream(processor, part(1));
      const saved = memoryOf(processor).slice();
      const expected = stream(processor, part(3));
      demand(memoryOf(processor).length === saved.length, "its memory grew in process()");
      memoryOf(processor).set(saved);
      sameBits(stream(processor, part(3)), expected, "after its memory was put back");
      withProcessor(fresh(), {}, (twin) => {
        demand(memoryOf(twin).length === saved.length, "the memory of another instance has another size");
        memoryOf(twin).set(saved);
        sameBits(stream(twin, part(3)), expected, "in another instance with its memory");
      });
    });
  },
};

const THREADS = 8;

const threads: Check = {
  id: "D09",
  level: "must",
  title: "gives the same bits in eight threads at once",
  async run(subject) {
    if (subject.folder === undefined) throw new NotRun("the plugin is in memory, not in a folder");
    const cases = commonCases(subject);
    const expected = cases.map((given) => digestOf(subject.plugin, given));
    for (const digests of await digestsInThreads(subject.folder, cases, THREADS))
      agree(digests, expected, cases, "in one of eight threads");
  },
};

export const DETERMINISM_CHECKS: readonly Check[] = [
  partition,
  again,
  longest,
  mode,
  seeds,
  tiers,
  undecided(
    "D07",
    "must",
    "gives the same bits in every engine and on every processor",
    "only Node on this processor is here; compare the digest of this report with that of others",
  ),
  snapshot,
  threads,
  undecided(
    "D10",
    "must",
    "renders its golden cases",
    "API 1.0 has no place for golden renders; keep them in the plugin's own tests",
  ),
];
