/** The exhibit of API 1.0 does what its source says: a formula for its sound, and every extension of the wasm ABI. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createHost, hostOf, type PluginLog, readCode } from "@gainstage/host";
import {
  PluginFault,
  processSetup,
  type SavedState,
  type SetupRequest,
  WasmPlugin,
} from "@gainstage/plugin-api";
import { describe, expect, test } from "vitest";

const RATE_HZ = 48_000;
const FRAMES = 12_000;
const folder = fileURLToPath(new URL("../museum/1.0/", import.meta.url));
const catalog = createHost({ pluginFolders: [folder] }).catalog;
const code = readCode(catalog.find("dev.gainstage.museum.pulse"), { trustModules: false });
const { manifest } = code;

const stateOf = (version: number, values: readonly number[]): SavedState => ({
  version,
  bytes: new Uint8Array(Float32Array.from(values).buffer),
});

function activate(request: Partial<SetupRequest> = {}) {
  if (!("module" in code)) throw new Error("the exhibit is WebAssembly");
  const said: PluginLog[] = [];
  const host = hostOf(code, { emit: (_, message) => said.push(message) });
  const setup = processSetup(manifest, { sampleRateHz: RATE_HZ, maxFrames: FRAMES, ...request });
  const processor = new WasmPlugin(manifest, code.module).activate(setup, host);
  return { processor, said };
}

const shape = Array.from({ length: 16 }, (_, i) => ((i * 7) % 16) / 16);

test("its sound is the input, late, times one less the shape at the beat, and ducked by the key", () => {
  const { processor } = activate({
    state: stateOf(2, shape),
    params: { depth: 1, duck: 0.5, lookaheadMs: 3 },
    connected: ["key"],
  });
  const { block } = processor;
  expect(processor.latencyFrames).toBe(144);
  for (let i = 0; i < FRAMES; i++) {
    block.inputs[0][0][i] = Math.sin(i / 7);
    block.inputs[0][1][i] = Math.cos(i / 9);
    block.inputs[1][0][i] = 0.3;
  }
  block.frames = FRAMES;
  const [tempoBpm, anchorFrame, anchorBeat, frame] = [97, -2000, 1.25, 500];
  const signature = { numerator: 4, denominator: 4, loopStartBeat: 0, loopEndBeat: 0 };
  block.transport = { playing: true, frame, tempoBpm, anchorFrame, anchorBeat, ...signature };
  processor.process();
  for (let i = 0; i < FRAMES; i++) {
    const beat = anchorBeat + ((frame + i - anchorFrame) * tempoBpm) / (60 * RATE_HZ);
    const gain = (1 - shape[Math.floor((beat % 1) * 16)]) * (1 - 0.5 * Math.fround(0.3));
    const late = i - 144;
    const expected = late < 0 ? 0 : Math.fround(Math.sin(late / 7)) * gain;
    expect(Math.abs(block.outputs[0][0][i] - expected), `frame ${i}`).toBeLessThan(1e-6);
  }
  expect(block.meters[0]).toBeLessThan(-3);
});

test("without a song, and without a key, it passes its input on", () => {
  const { processor } = activate({ params: { depth: 1, duck: 1 } });
  const { block } = processor;
  block.inputs[0][0].fill(0.25);
  block.frames = 100;
  processor.process();
  expect(block.outputs[0][0][99]).toBe(0.25);
  expect(block.silentInputs[1], "the key, which nobody feeds").toBe(1);
});

describe("its state", () => {
  const saved = (state?: SavedState) => {
    const { processor } = activate(state ? { state } : {});
    const bytes = processor.extension("state/1")!.save();
    return [...new Float32Array(bytes.slice().buffer)];
  };

  test("is what it was given", () => expect(saved(stateOf(2, shape))).toEqual(shape));

  test("of version 1 had eight steps, each for two", () => {
    const eight = [0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875];
    expect(saved(stateOf(1, eight))).toEqual(eight.flatMap((x) => [x, x]));
  });

  test("is the shape of its own file where none was saved", () => {
    const file = readFileSync(`${folder}pulse/shape.bin`);
    expect(saved()).toEqual([...new Float32Array(new Uint8Array(file).buffer)]);
  });

  test.each<[string, SavedState, RegExp]>([
    [
      "newer",
      stateOf(3, shape),
      /has version 3, this version of the plugin reads up to 2: update the plugin/,
    ],
    ["too short", stateOf(2, [1]), /does not understand its saved state of version 2/],
    [
      "out of range",
      stateOf(
        2,
        shape.map(() => 9),
      ),
      /does not understand/,
    ],
  ])("is refused when it is %s, and the next processor is as ever", (_name, state, message) => {
    try {
      activate({ state });
      expect.fail("it was accepted");
    } catch (error) {
      expect(error).toBeInstanceOf(PluginFault);
      expect((error as PluginFault).code).toBe("state");
      expect((error as PluginFault).message).toMatch(message);
    }
    expect(saved(stateOf(2, shape))).toEqual(shape);
  });
});

test("its transfer curve is straight, and it has no other", () => {
  const { processor } = activate();
  const curve = processor.extension("curve/1")!;
  const x = Float64Array.from({ length: 50 }, (_, i) => i - 60);
  const y = new Float64Array(50);
  expect(curve.curve("transfer", x, y)).toBe(true);
  expect(y).toEqual(x);
  expect(curve.curve("magnitude", x, y)).toBe(false);
});

test("it says that it is ready, once", () => {
  const { processor, said } = activate();
  expect(said).toEqual([{ plugin: manifest.id, level: "info", text: "ready" }]);
  processor.extension("state/1")!.save();
  expect(said).toHaveLength(1);
});
