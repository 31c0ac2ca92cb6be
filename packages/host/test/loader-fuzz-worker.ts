/** Hostile plugins, one after the other, through the loader: manifest, hash, profile and compiler. Nothing is run. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import { PluginFault } from "@gainstage/plugin-api";
import { passThrough } from "@gainstage/plugin-api/test/wasm-bytes.ts";
import { ArchiveSource, CatalogEntry, readCode } from "../src/index.ts";
import { moduleManifest } from "./plugin-folders.ts";

export interface FuzzJob {
  readonly seed: number;
  readonly cases: number;
  /** One word: the case that is running. */
  readonly progress: Int32Array<SharedArrayBuffer>;
}

export interface FuzzResult {
  /** What came out that is no PluginFault, with the case's number. */
  readonly escaped: readonly string[];
  /** How often each code, "loaded" for none. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Of this thread's processor, for the slowest case. */
  readonly slowestMs: number;
  readonly slowestCase: number;
  /** By how many bytes the process was larger than at the start, at most. */
  readonly grownBytes: number;
}

interface Sample {
  readonly manifest: unknown;
  readonly wasm: Uint8Array;
}

const plugins = fileURLToPath(new URL("../../../plugins/", import.meta.url));

function corpus(): readonly Sample[] {
  const kernels = readdirSync(plugins).map((name) => {
    const manifest = JSON.parse(readFileSync(`${plugins}${name}/plugin.json`, "utf8"));
    return {
      manifest: { ...manifest, presets: [], entry: { wasm: "code.wasm" } },
      wasm: readFileSync(`${plugins}${name}/${manifest.entry.wasm}`),
    };
  });
  const manifest = moduleManifest("com.example.pass", { entry: { wasm: "code.wasm" } });
  const replaces = [{ id: "com.example.old", params: { gain: "amount" } }];
  return [
    ...kernels,
    { manifest: { ...manifest, replaces, presets: ["./code.wasm"] }, wasm: passThrough() },
    { manifest, wasm: passThrough({ imports: [["env", "now"]] }) },
  ];
}

/** Mulberry32: a whole number below `limit`, the same ones for the same seed. */
function randomOf(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) % limit;
  };
}

type Random = (limit: number) => number;

/** Ends of the numbers that LEB128 can write, overlong ones, and one without an end. */
const LEB_EXTREMES = [
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0x07],
  [0x80, 0x80, 0x80, 0x80, 0x08],
  [0x80, 0x80, 0x80, 0x80, 0x78],
  [0x80, 0x80, 0x80, 0x80, 0x00],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80],
];

function mutateBytes(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array<ArrayBuffer> {
  let changed = Uint8Array.from(bytes);
  // Most of what matters stands at the front.
  const at = () => random(random(2) === 0 ? Math.min(400, changed.length || 1) : changed.length || 1);
  const splice = (from: number, removed: number, added: ArrayLike<number>) => {
    const tail = changed.subarray(Math.min(changed.length, from + removed));
    changed = Uint8Array.from([...changed.subarray(0, from), ...Array.from(added), ...tail]);
  };
  for (let count = 1 + random(4); count > 0; count--) {
    switch (random(7)) {
      case 0:
        changed[at()] ^= 1 << random(8);
        break;
      case 1:
        changed[at()] = random(256);
        break;
      case 2:
        changed = changed.slice(0, at());
        break;
      case 3: {
        const from = random(other.length);
        splice(at(), random(64), other.subarray(from, from + random(200)));
        break;
      }
      case 4: {
        const extreme = LEB_EXTREMES[random(LEB_EXTREMES.length)];
        splice(at(), 1 + random(extreme.length), extreme);
        break;
      }
      case 5: {
        const from = at();
        splice(from, 0, changed.subarray(from, from + random(300)));
        break;
      }
      default:
        splice(at(), random(16), []);
    }
  }
  return changed;
}

function hostileValues(random: Random): readonly unknown[] {
  let nested: unknown = [];
  for (let depth = 0; depth < 50; depth++) nested = { params: [nested] };
  return [
    null,
    true,
    -1,
    1e308,
    "",
    "\u0000",
    "__proto__",
    "../../etc/passwd",
    "/",
    "C:\\x",
    "x".repeat(10_000),
    "9".repeat(400),
    "1.0",
    "state/1",
    [],
    {},
    { wasm: "plugin.json" },
    { wasm: "./code.wasm" },
    { toString: 1 },
    new Array(2000).fill("a"),
    nested,
    random(1000) - 500,
  ];
}

/** Puts something else in the place of a value somewhere in it, takes one away, or adds one. */
function mutateJson(value: unknown, random: Random): unknown {
  const values = hostileValues(random);
  if (typeof value !== "object" || value === null || random(8) === 0) return values[random(values.length)];
  if (Array.isArray(value)) {
    const index = random(value.length + 1);
    return [...value.slice(0, index), mutateJson(value[index], random), ...value.slice(index + random(3))];
  }
  const keys = Object.keys(value);
  const added = ["constructor", "stateVersion", "extensions", "requires", "resources", "meters"];
  const key = random(6) === 0 ? added[random(added.length)] : keys[random(keys.length)];
  if (key === undefined || random(6) === 0)
    return Object.fromEntries(Object.entries(value).filter(([other]) => other !== key));
  return { ...value, [key]: mutateJson((value as Record<string, unknown>)[key], random) };
}

/** What the engine makes of the bytes agrees with the profile that let them pass. */
function checkSandbox(module: WebAssembly.Module): void {
  const imports = WebAssembly.Module.imports(module).length;
  const exported = new Set(WebAssembly.Module.exports(module).map(({ name, kind }) => `${kind} ${name}`));
  const needed = ["memory memory", ...["api", "create", "activate", "process"].map((n) => `function ${n}`)];
  if (imports > 0 || needed.some((e) => !exported.has(e))) throw new Error("the profile let it pass");
}

function load(manifest: Uint8Array<ArrayBuffer>, wasm: Uint8Array<ArrayBuffer>): string {
  const files = new Map([
    ["plugin.json", manifest],
    ["code.wasm", wasm],
  ]);
  try {
    const code = readCode(CatalogEntry.from(new ArchiveSource("fuzz.tgz", files)), { trustModules: true });
    if ("module" in code) checkSandbox(code.module);
    return "loaded";
  } catch (error) {
    if (error instanceof PluginFault) return error.code;
    throw error;
  }
}

function run({ seed, cases, progress }: FuzzJob): FuzzResult {
  const samples = corpus();
  const escaped: string[] = [];
  const outcomes: Record<string, number> = {};
  const startBytes = process.memoryUsage.rss();
  let slowest = { ms: 0, index: 0 };
  let grownBytes = 0;
  for (let index = 0; index < cases; index++) {
    Atomics.store(progress, 0, index);
    // Each case by its own number, so that one can be run again alone.
    const random = randomOf(seed + index);
    const sample = samples[random(samples.length)];
    const kind = random(6);
    const document = kind === 0 || kind === 5 ? mutateJson(sample.manifest, random) : sample.manifest;
    const text = new TextEncoder().encode(JSON.stringify(document) ?? "");
    const manifest = kind === 1 ? mutateBytes(text, text, random) : text;
    const other = samples[random(samples.length)].wasm;
    const wasm = kind >= 2 ? mutateBytes(sample.wasm, other, random) : Uint8Array.from(sample.wasm);
    const { user, system } = process.threadCpuUsage();
    try {
      const outcome = load(manifest, wasm);
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    } catch (error) {
      escaped.push(`case ${index}: ${error instanceof Error ? error.stack : String(error)}`);
    }
    const used = process.threadCpuUsage();
    const ms = (used.user - user + used.system - system) / 1000;
    if (ms > slowest.ms) slowest = { ms, index };
    if (index % 100 === 0) grownBytes = Math.max(grownBytes, process.memoryUsage.rss() - startBytes);
  }
  return { escaped, outcomes, slowestMs: slowest.ms, slowestCase: slowest.index, grownBytes };
}

parentPort!.postMessage(run(workerData));
