import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readAudioFile, writeWavFile } from "@gainstage/audio-io";
import { afterAll, expect, test } from "vitest";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "gainstage-example-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("the README's program is the example, and compresses a file", async () => {
  const source = readFileSync(at("../examples/render-a-file.ts"), "utf8");
  const [, inReadme] = /<!-- example: [^>]+ -->\n+```ts\n([\s\S]*?)```/.exec(
    readFileSync(at("../../../README.md"), "utf8"),
  )!;
  expect(inReadme.trim()).toBe(source.trim());

  const sine = Float32Array.from({ length: 48_000 }, (_, i) => 0.5 * Math.sin(i * 0.05));
  await writeWavFile(join(folder, "in.wav"), [sine, sine], { sampleRateHz: 48_000, format: "32f" });
  const ran = spawnSync(
    process.execPath,
    [at("../examples/render-a-file.ts"), join(folder, "in.wav"), join(folder, "out.wav")],
    {
      encoding: "utf8",
    },
  );
  expect(ran.stderr).toBe("");
  const { audio } = await readAudioFile(join(folder, "out.wav"));
  // Threshold -18 dB, 3:1, and a sine whose peak is at -6 dB: 12 dB over leaves 4, less a little for the ripple.
  const peak = Math.max(...audio.channels[0].subarray(24_000).map(Math.abs));
  expect(20 * Math.log10(peak)).toBeGreaterThan(-14.5);
  expect(20 * Math.log10(peak)).toBeLessThan(-12.5);
});
