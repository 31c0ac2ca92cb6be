/** From bytes to a running instance: what a wasm entry is made of, and how instances get along. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  checkManifest,
  checkWasmProfile,
  type ExtensionId,
  type Host,
  type ProfileProblem,
} from "@gainstage/plugin-api";
import { CheckFailed } from "../cases/check-failed.ts";
import { randomCases } from "../cases/random-cases.ts";
import { type Check, demand, NotRun } from "../check.ts";
import { loadCode } from "../loading/load-folder.ts";
import { memoryBytesOf } from "../measuring/allocation.ts";
import { sameBits } from "../measuring/compare.ts";
import { play, playOn, withProcessor } from "../playing/play.ts";
import { noise } from "../playing/signals.ts";
import { start, stream } from "../playing/stream.ts";
import { property } from "../property.ts";
import type { Subject } from "../subject.ts";

const MAX_LOAD_MS = 2000;

const loads: Check = {
  id: "L01",
  level: "must",
  title: "compiles and starts within 2 s",
  async run(subject) {
    const { folder, manifest, wasm, measured } = subject;
    if (wasm) {
      const malformed = profileOf(subject).filter(({ path }) => path === "" || path.startsWith("byte "));
      demand(malformed.length === 0, textOf(malformed));
    }
    if (folder === undefined) return;
    const before = performance.now();
    const code = await loadCode(folder).catch((error: Error) => {
      throw new CheckFailed(`cannot be loaded: ${error.message}`);
    });
    try {
      code.instantiate();
    } catch (error) {
      throw new CheckFailed(`does not start: ${(error as Error).message}`);
    }
    const ms = performance.now() - before;
    demand(ms <= MAX_LOAD_MS, `takes ${ms.toFixed(0)} ms`);
    const { entry } = manifest;
    const path = join(folder, "wasm" in entry ? entry.wasm : entry.module);
    measured(`${statSync(path).size} bytes, ${ms.toFixed(1)} ms`);
  },
};

function profileOf(subject: Subject): readonly ProfileProblem[] {
  return checkWasmProfile(wasmOf(subject), subject.manifest);
}

/** The bytes of the entry. Throws a NotRun that says why there are none. */
function wasmOf({ wasm, folder, document }: Subject): Uint8Array {
  if (wasm) return wasm;
  const check = checkManifest(document);
  if (!check.ok) throw new NotRun("the manifest is not valid yet");
  const { entry } = check.manifest;
  if ("module" in entry) throw new NotRun("its entry is an ES module");
  const isThere = folder !== undefined && existsSync(join(folder, entry.wasm));
  throw new NotRun(isThere ? "its entry cannot be read" : "its entry is not built");
}

function textOf(problems: readonly ProfileProblem[]): string {
  return problems.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`)).join("; ");
}

function ofProfile(id: string, title: string, code: ProfileProblem["code"]): Check {
  return {
    id,
    level: "must",
    title,
    runsCode: false,
    run(subject) {
      const problems = profileOf(subject);
      // A file that is no module at all is L01's.
      if (problems.some(({ path }) => path.startsWith("byte ")))
        throw new NotRun("the module cannot be read");
      const mine = problems.filter((problem) => problem.code === code);
      demand(mine.length === 0, textOf(mine));
    },
  };
}

/** Offers nothing, or something that nobody has heard of. */
const hostWith = (offered: unknown): Host => ({
  api: "1.0",
  name: "Conformance",
  extension: () => offered as undefined,
});

const bareHost: Check = {
  id: "L05",
  level: "must",
  title: "runs on a host without extensions, and on one with others than it knows",
  run({ plugin, manifest, fresh }) {
    const required = manifest.requires ?? [];
    if (required.length > 0)
      throw new NotRun(`it requires ${required.join(", ")}, which this host does not offer`);
    const signal = [noise(512, 1), noise(512, 2)];
    const without = stream(start(plugin, {}, hostWith(undefined)), signal);
    const unknown: ExtensionId = "com.example.unheard-of/1";
    const stranger = { ...hostWith(undefined), extension: (id: string) => (id === unknown ? {} : undefined) };
    sameBits(
      stream(start(fresh(), {}, stranger as Host), signal),
      without,
      "on a host with an unknown extension",
    );
  },
};

const damaged: Check = {
  id: "L06",
  level: "must",
  title: "is refused when its module is cut short",
  run(subject) {
    const { manifest } = subject;
    const wasm = wasmOf(subject);
    for (const share of [0, 0.25, 0.5, 0.9]) {
      const part = wasm.slice(0, Math.floor(wasm.length * share));
      demand(!WebAssembly.validate(part), `the first ${part.length} bytes of its module are a module`);
      demand(checkWasmProfile(part, manifest).length > 0, `the first ${part.length} bytes are accepted`);
    }
  },
};

const CYCLES = 200;
const WARM_CYCLES = 50;
/** A page, as an allocator may round up. */
const MEMORY_SLACK_BYTES = 65_536;
const HEAP_SLACK_BYTES = 4 << 20;

const cycles: Check = {
  id: "L07",
  level: "should",
  title: "gives its memory back: 200 times activated and disposed of, it holds no more than after 50",
  run({ plugin, wasm }) {
    const signal = [noise(64, 1)];
    const cycle = (times: number) => {
      let bytes = 0;
      for (let k = 0; k < times; k++) {
        const processor = start(plugin);
        stream(processor, signal);
        if (k === times - 1) bytes = memoryBytesOf(processor, wasm !== undefined);
        processor.dispose();
      }
      return bytes;
    };
    const early = cycle(WARM_CYCLES);
    const late = cycle(CYCLES - WARM_CYCLES);
    const slack = wasm ? MEMORY_SLACK_BYTES : HEAP_SLACK_BYTES;
    const each = Math.round((late - early) / (CYCLES - WARM_CYCLES));
    demand(late - early <= slack, `grew by ${late - early} bytes, ${each} for each processor that is gone`);
  },
};

const neighbours = property({
  id: "L08",
  level: "must",
  title: "keeps two processors of one package apart",
  listed: () => [{}],
  random: (manifest) => randomCases(manifest, { params: true, frames: 1024 }),
  runs: 20,
  holds({ fresh, manifest }, given) {
    const alone = play(fresh(), given);
    const plugin = fresh();
    withProcessor(plugin, given, (first) =>
      withProcessor(plugin, {}, (second) => {
        const beforeBlock = (done: number) => {
          if (second.block.params.length > 0) second.block.params.set(first.block.params);
          stream(second, [noise(64, 100 + done), noise(64, 101 + done)]);
        };
        sameBits(playOn(first, manifest, given, { beforeBlock }), alone, "beside another processor");
      }),
    );
  },
});

const activates: Check = {
  id: "L12",
  level: "must",
  title: "activates with its defaults",
  run(subject) {
    const { inert } = subject;
    if (inert !== undefined) throw new CheckFailed(inert);
    start(subject.plugin).dispose();
  },
};

export const LOADING_CHECKS: readonly Check[] = [
  loads,
  ofProfile("L02", "imports nothing", "import-forbidden"),
  ofProfile("L03", "exports what the ABI asks for, with its types", "export-missing"),
  ofProfile(
    "L04",
    "keeps to what gives the same bits everywhere, with a memory that has a maximum",
    "entry-invalid",
  ),
  bareHost,
  damaged,
  cycles,
  neighbours,
  activates,
];
