/** The README's example, to the letter. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

test("the example of the README runs, and its meter reads the voice with its echoes, first on the left, then on the right", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const [, example] = readme.match(/```ts\n([\s\S]*?)```/)!;
  const folder = mkdtempSync(join(tmpdir(), "gainstage-readme-"));
  try {
    const index = new URL("../src/index.ts", import.meta.url).href;
    const file = join(folder, "example.ts");
    writeFileSync(file, example.replace('"@gainstage/graph"', `"${index}"`));
    const said = execFileSync(process.execPath, [file], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    const [left, right] = JSON.parse(said) as number[];
    // The fader's line in dB over a second from -144 dB, echoes every 24,000 frames, each 6 dB lower, and the pan's law.
    const fader = (frame: number) =>
      frame < 0 ? 0 : 10 ** (Math.min(0, -144 + (144 * frame) / 48_000) / 20);
    const loop = (frame: number) =>
      [0, 1, 2, 3, 4, 5].reduce((sum, k) => sum + 0.5 * 10 ** (-0.3 * k) * fader(frame - 24_000 * k), 0);
    expect(left).toBeCloseTo(loop(63_999) * Math.cos(Math.PI / 8), 5);
    expect(right).toBeCloseTo(loop(127_999) * Math.cos(Math.PI / 8), 5);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
