import { readAudioFile, writeWavFile } from "@gainstage/audio-io";
import { createHost } from "@gainstage/host";

const { audio } = await readAudioFile(process.argv[2]);
const { renderer } = createHost();
const { outputs } = await renderer.render({
  graph: {
    nodes: [
      { kind: "input", id: "in", channels: 2 },
      { kind: "plugin", id: "comp", plugin: "dev.gainstage.compressor", params: { ratio: 3 }, channels: 2 },
      { kind: "output", id: "out", channels: 2 },
    ],
    edges: [
      { from: { node: "in", port: "out" }, to: { node: "comp", port: "in" } },
      { from: { node: "comp", port: "out" }, to: { node: "out", port: "in" } },
    ],
  },
  sources: new Map([["in", audio.channels]]),
  sampleRateHz: audio.sampleRateHz,
  frames: audio.frames,
});
await writeWavFile(process.argv[3], outputs.get("out")!, { sampleRateHz: audio.sampleRateHz, format: "32f" });
