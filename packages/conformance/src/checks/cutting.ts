/** How the stream is cut, and what went before, must not show in a single bit. */
import type { LoadedPlugin } from "@gainstage/plugin-api";
import { allPorts, type Check, liveParams, randomParams } from "../check.ts";
import { sameBits } from "../compare.ts";
import { noise, random } from "../signals.ts";
import { type ParamChange, start, stream } from "../stream.ts";

const FRAMES = 4096;
export const BLOCK_SIZES: readonly number[] = [1, 7, 64, 128, 333, 512, 1024];

const signal = () => [noise(FRAMES, 11, 0.7), noise(FRAMES, 12, 0.7)];

/** Twelve changes of live parameters, some at the same frame. */
function randomChanges(plugin: LoadedPlugin, seed: number): ParamChange[] {
  const live = liveParams(plugin.manifest);
  const next = random(seed);
  if (live.length === 0) return [];
  const changes = Array.from({ length: 12 }, () => {
    const param = live[Math.floor(next() * live.length)];
    const { min, max, choices } = plugin.manifest.params[param];
    const value = min + (max - min) * next();
    return { frame: Math.floor(next() * FRAMES), param, value: choices ? Math.round(value) : value };
  });
  return changes.sort((a, b) => a.frame - b.frame);
}

export const partition: Check = {
  id: "cutting/partition",
  title: "gives the same bits however the stream is cut, with parameters changing",
  run(plugin) {
    for (const [seed, params] of [
      {},
      randomParams(plugin.manifest, 5),
      randomParams(plugin.manifest, 6),
    ].entries()) {
      const changes = randomChanges(plugin, 21 + seed);
      const request = { params, connected: allPorts(plugin.manifest) };
      const whole = stream(start(plugin, request), signal(), { blocks: [1024], changes });
      const next = random(31 + seed);
      const ragged = Array.from({ length: 97 }, () => 1 + Math.floor(next() * 300));
      for (const blocks of [...BLOCK_SIZES.map((size) => [size]), ragged]) {
        const name = blocks.length === 1 ? `blocks of ${blocks[0]}` : "ragged blocks";
        const cut = stream(start(plugin, request), signal(), { blocks, changes });
        sameBits(cut, whole, `${name} against blocks of 1024, parameter set ${seed}`);
      }
    }
  },
};

export const reset: Check = {
  id: "cutting/reset",
  title: "is after reset() as after activate(), bit for bit",
  run(plugin) {
    const request = { params: randomParams(plugin.manifest, 7), connected: allPorts(plugin.manifest) };
    const fresh = stream(start(plugin, request), signal());
    const used = start(plugin, request);
    stream(used, [noise(9000, 13, 0.9), noise(9000, 14, 0.9)]);
    used.reset();
    sameBits(stream(used, signal()), fresh, "after reset");
  },
};

export const independence: Check = {
  id: "cutting/independence",
  title: "keeps two processors of one package apart",
  run(plugin) {
    const alone = stream(start(plugin), signal());
    const first = start(plugin);
    const second = start(plugin, { params: randomParams(plugin.manifest, 8) });
    const outputs: Float32Array[] = alone.map(() => new Float32Array(FRAMES));
    for (let at = 0; at < FRAMES; at += 128) {
      const part = signal().map((channel) => channel.subarray(at, at + 128));
      for (const [c, channel] of stream(first, part).entries()) outputs[c].set(channel, at);
      stream(second, [noise(128, 15 + at), noise(128, 16 + at)]);
    }
    sameBits(outputs, alone, "beside another processor");
  },
};
