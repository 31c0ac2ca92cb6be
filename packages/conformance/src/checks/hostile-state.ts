/** State as a stranger might send it: empty, cut short, changed, of the future. */
import { MAX_STATE_BYTES, PluginFault, processSetup } from "@gainstage/plugin-api";
import fc from "fast-check";
import type { Case } from "../cases/case.ts";
import { CheckFailed } from "../cases/check-failed.ts";
import { type Check, demand } from "../check.ts";
import { memoryBoundOf, memoryBytesOf } from "../measuring/allocation.ts";
import { allFinite, sameBits } from "../measuring/compare.ts";
import { play, playOn, withProcessor } from "../playing/play.ts";
import { noise, random } from "../playing/signals.ts";
import { SAMPLE_RATE_HZ, start, stream } from "../playing/stream.ts";
import type { Subject } from "../subject.ts";
import { saved, stateVersionOf, withState } from "./state.ts";

/** Refuses bytes with an Error, or takes them; anything else is a CheckFailed. */
function tryState(
  subject: Subject,
  version: number,
  bytes: Uint8Array,
  what: string,
  bytesBefore = memoryBefore(subject),
): "refused" | "loaded" {
  const plugin = subject.plugin;
  const setup = processSetup(plugin.manifest, {
    sampleRateHz: SAMPLE_RATE_HZ,
    maxFrames: 1024,
    state: { version, bytes },
  });
  let processor: ReturnType<typeof plugin.activate>;
  try {
    processor = plugin.activate(setup);
  } catch (error) {
    if (error instanceof PluginFault && (error.code === "state" || error.code === "refused"))
      return "refused";
    throw new CheckFailed(`${what}: ${(error as Error).message}`);
  }
  allFinite(stream(processor, [noise(256, 5)]), what);
  const allowed = bytesBefore + bytes.length + MAX_MEMORY_GROWTH_BYTES;
  const isWasm = subject.wasm !== undefined;
  // What is not too much with its garbage is not too much without.
  const memory = memoryBoundOf(processor, isWasm) <= allowed ? bytesBefore : memoryBytesOf(processor, isWasm);
  processor.dispose();
  const taken = memory - bytesBefore - bytes.length;
  demand(taken <= MAX_MEMORY_GROWTH_BYTES, `${what}: took ${taken} bytes of memory`);
  return "loaded";
}

const MAX_MEMORY_GROWTH_BYTES = 64 << 20;

function memoryBefore({ fresh, wasm }: Subject): number {
  return withProcessor(fresh(), {}, (processor) => memoryBytesOf(processor, wasm !== undefined));
}

const empty: Check = {
  id: "S04",
  level: "must",
  title: "refuses an empty state, and runs on with what it has",
  run(subject) {
    const { plugin, manifest } = subject;
    const version = stateVersionOf(manifest);
    const expected = play(plugin, {});
    withProcessor(plugin, {}, (processor) => {
      const answer = tryState(subject, version, new Uint8Array(0), "with an empty state");
      demand(answer === "refused", "takes a state of no bytes");
      sameBits(playOn(processor, manifest, {}), expected, "beside one that was given an empty state");
    });
  },
};

const hostile: Check = {
  id: "S05",
  level: "must",
  title: "refuses or loads any bytes, without a fault and without taking much memory",
  run(subject) {
    const { manifest, seed, measured } = subject;
    const version = stateVersionOf(manifest);
    const sound = saved(subject.fresh(), {});
    const bytesBefore = memoryBefore(subject);
    const answers = { refused: 0, loaded: 0 };
    const attempt = (bytes: Uint8Array, what: string) => {
      const given: Case = {
        check: "S05",
        stateHex: bytes.length <= 4096 ? Buffer.from(bytes).toString("hex") : "",
      };
      subject.trying(given);
      try {
        answers[tryState(subject, version, bytes, what, bytesBefore)]++;
      } catch (error) {
        throw new CheckFailed((error as Error).message, given);
      }
    };
    const next = random(seed);
    const anyByte = () => Math.floor(256 * next());
    for (let k = 0; k < 3; k++)
      attempt(new Uint8Array(1 << 20).map(anyByte), "with a megabyte of random bytes");
    const truncations = Math.min(sound.length, 200);
    for (let k = 0; k < truncations; k++) {
      const length = Math.floor((k * sound.length) / truncations);
      attempt(sound.slice(0, length), `with the first ${length} of ${sound.length} bytes`);
    }
    const flips = fc.sample(fc.tuple(fc.nat({ max: Math.max(0, sound.length - 1) }), fc.nat({ max: 255 })), {
      seed,
      numRuns: 200,
    });
    for (const [at, value] of flips) attempt(sound.with(at, value), `with byte ${at} set to ${value}`);
    measured(`${answers.refused} refused, ${answers.loaded} loaded`);
  },
  replay(subject, given) {
    const bytes = Buffer.from(given.stateHex ?? "", "hex");
    tryState(subject, stateVersionOf(subject.manifest), Uint8Array.from(bytes), `with ${bytes.length} bytes`);
  },
};

const newer: Check = {
  id: "S08",
  level: "must",
  title: "is refused a state newer than its own, with both versions named",
  run({ plugin, manifest }) {
    const version = stateVersionOf(manifest);
    const bytes = saved(plugin, {});
    let message = "";
    try {
      start(plugin, withState({}, version + 1, bytes)).dispose();
    } catch (error) {
      message = (error as Error).message;
    }
    const names = [version, version + 1].every((v) => message.includes(String(v)));
    demand(
      names,
      message === "" ? `loads a state of version ${version + 1}` : `does not name the versions: ${message}`,
    );
  },
};

const portable: Check = {
  id: "S12",
  level: "should",
  title: "saves a state of moderate size, without paths or addresses in it",
  run({ plugin, manifest, measured }) {
    stateVersionOf(manifest);
    const bytes = saved(plugin, {});
    demand(bytes.length <= MAX_STATE_BYTES, `saves ${bytes.length} bytes`);
    const text = Buffer.from(bytes).toString("latin1");
    const path = /(?:[a-z]+:\/\/|[A-Z]:\\|\/(?:home|Users|tmp|var|usr)\/)[\x21-\x7e]*/.exec(text);
    if (path) throw new CheckFailed(`saves "${path[0]}"`);
    measured(`${bytes.length} bytes`);
  },
};

export const HOSTILE_STATE_CHECKS: readonly Check[] = [empty, hostile, newer, portable];
