import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  FaustCompiler,
  FaustMonoDspGenerator,
  instantiateFaustModuleFromFile,
  LibFaust,
} from "@grame/faustwasm/dist/esm/index.js";
import { beforeAll, describe, test } from "vitest";
import { noise, pluginOf, RATE_HZ, run, startOf, within } from "./running.ts";

/** Frames of silence that pass in a plugin before its first: a quarter of a second. */
const SETTLED = RATE_HZ / 4;
const FRAMES = 24_000;
/** A multiple of it: the runner takes whole blocks. */
const BLOCK = 600;

let compiler: FaustCompiler;

beforeAll(async () => {
  const libfaust = fileURLToPath(import.meta.resolve("@grame/faustwasm/libfaust-wasm/libfaust-wasm.js"));
  compiler = new FaustCompiler(new LibFaust(await instantiateFaustModuleFromFile(libfaust)));
});

/** What Faust's own runner makes of it, with JavaScript's Math. */
async function byFaust(source: string, inputs: readonly Float32Array[]): Promise<Float32Array[]> {
  const generator = new FaustMonoDspGenerator();
  await generator.compile(compiler, "reference", source, "-ftz 2");
  const processor = await generator.createOfflineProcessor(RATE_HZ, BLOCK);
  if (!processor) throw new Error("Faust's runner does not start");
  const late = inputs.map((signal) => {
    const padded = new Float32Array(SETTLED + FRAMES);
    padded.set(signal, SETTLED);
    return padded;
  });
  return processor.render(late, SETTLED + FRAMES).map((channel: Float32Array) => channel.subarray(SETTLED));
}

describe("sounds as in Faust's own runner, to the rounding of f32", () => {
  // Those without an LFO: it adds up, from frame to frame, what the last bits of two sines differ by.
  test.each(["parametric-eq", "freeverb", "compressor", "cubic-distortion", "svf"])("%s", async (name) => {
    const source = readFileSync(new URL(`effects/${name}.dsp`, import.meta.url), "utf8");
    const plugin = await pluginOf(source.replace('import("stdfaust.lib");', ""));
    const processor = startOf(plugin, { connected: ["sidechain"], layout: "mono" });
    const inputs = processor.block.inputs.flat().map((_, c) => noise(FRAMES, 20 + c));
    const expected = await byFaust(source, inputs);
    for (const [c, channel] of run(processor, inputs).entries())
      within(channel, expected[c], 2e-6, `channel ${c}`);
  });
});
