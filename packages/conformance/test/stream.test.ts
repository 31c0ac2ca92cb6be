/** What stream() takes for blocks, and what nsPerFrame() measures. */
import { ModulePlugin } from "@gainstage/plugin-api";
import { expect, test } from "vitest";
import { noise, nsPerFrame, start, stream } from "../src/index.ts";
import { activateSound, soundManifest, spoilt } from "./sound-plugin.ts";

const plugin = new ModulePlugin(soundManifest, { activate: activateSound });

test("a block that is longer than maxFrames is refused, with both lengths and what to do", () => {
  expect(() => stream(start(plugin), [noise(5000, 1)], { blocks: [100, 4673] })).toThrow(
    "a block of 4673 frames is longer than the processor's maxFrames of 1024: start(plugin, { maxFrames: 4673 }) makes one that takes it",
  );
  expect(stream(start(plugin, { maxFrames: 4673 }), [noise(5000, 1)], { blocks: [4673] })[0].length).toBe(
    5000,
  );
});

test("no block gets longer than its signal", () => {
  expect(stream(start(plugin), [noise(300, 1)], { blocks: [4096] })[0].length).toBe(300);
  expect(stream(start(plugin), [new Float32Array(0)])[0].length).toBe(0);
});

test.each([0, -1, 1.5, Number.NaN])("a block of %d frames is refused", (frames) => {
  expect(() => stream(start(plugin), [noise(300, 1)], { blocks: [64, frames] })).toThrow(
    `a block of ${frames} frames: a block has a whole number of frames, at least 1`,
  );
});

test("nsPerFrame() measures one setting: one that waits for a microsecond in each frame takes that at least", () => {
  const { manifest, activate } = spoilt((processor) => ({
    ...processor,
    process(block) {
      const until = performance.now() + (block.params[0] > 0 ? block.frames / 1000 : 0);
      while (performance.now() < until);
      return processor.process(block);
    },
  }));
  const waits = new ModulePlugin(manifest, { activate });
  expect(nsPerFrame(waits, { params: { gainDb: 12 } })).toBeGreaterThanOrEqual(1000);
  expect(nsPerFrame(waits, { params: { gainDb: 12 } }, 512)).toBeGreaterThanOrEqual(1000);
  const refuses = new ModulePlugin(soundManifest, {
    activate: () => {
      throw new Error("not today");
    },
  });
  expect(() => nsPerFrame(refuses)).toThrow(/does not activate.*not today/);
});
