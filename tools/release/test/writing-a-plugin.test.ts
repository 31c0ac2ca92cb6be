/** The guides for plugin authors, followed to the letter: files written, commands run, in their order, by a stranger. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readAudioFile, writeWavFile } from "@gainstage/audio-io";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Installation } from "./installation.ts";

const docs = fileURLToPath(new URL("../../../packages/plugin-api/docs/", import.meta.url));
const FOR_AUTHORS = /^gainstage-(plugin-api|conformance|dsp)-\d/;
const RATE_HZ = 48_000;

interface Step {
  readonly language: string;
  /** A path for a file; for commands nothing, or "fails". */
  readonly what: string;
  readonly text: string;
  /** "page.md:12" */
  readonly at: string;
}

/** The fenced blocks that are files or commands. */
function stepsOf(page: string): Step[] {
  const markdown = readFileSync(join(docs, page), "utf8");
  return [...markdown.matchAll(/^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm)]
    .map(([, language, what = "", text], i, all) => ({
      language,
      what,
      text,
      at: `${page}:${markdown.slice(0, all[i].index).split("\n").length}`,
    }))
    .filter(({ language, what }) => language === "sh" || what !== "");
}

const steps = ["writing-a-plugin.md", "finer-points.md"].flatMap(stepsOf);
let stranger: Installation;
let folder: string;

beforeAll(async () => {
  stranger = new Installation();
  folder = stranger.folder;
  const wave = Float32Array.from(
    { length: RATE_HZ },
    (_, i) => 0.9 * Math.sin((2 * Math.PI * 110 * i) / RATE_HZ),
  );
  await writeWavFile(join(folder, "in.wav"), [wave, wave], { sampleRateHz: RATE_HZ, format: "32f" });
});
afterAll(() => stranger?.remove());

/** What is on npm when this is published comes from the tarballs; everything else is as the guide has it. */
function commandsOf({ text }: Step): string {
  const forAuthors = stranger.tarballs.filter((path) => FOR_AUTHORS.test(basename(path)));
  return text
    .replace("npm install --global @gainstage/cli", `npm install ${stranger.tarballs.join(" ")}`)
    .replace(/^npm install$/m, `npm install --save-dev ${forAuthors.join(" ")}`);
}

function run(step: Step): void {
  const bin = join(stranger.folder, "node_modules/.bin");
  const script = `set -euo pipefail\nPATH=${bin}:$PATH\n${commandsOf(step)}\necho "NOW IN $PWD"`;
  const { status, stdout, stderr } = stranger.attempt("bash", ["-c", script], folder);
  if (step.what === "fails") {
    expect(status, `${step.at} was to fail:\n${stdout}`).toBe(1);
    expect(stdout, step.at).toMatch(/D01[\s\S]*failed/);
    return;
  }
  expect(status, `${step.at}\n${step.text}\n${stdout}${stderr}`).toBe(0);
  folder = /NOW IN (.*)/.exec(stdout)?.[1] ?? folder;
}

test("every command works, in order, and what is said to fail fails", () => {
  expect(steps.filter(({ language }) => language === "sh").length).toBeGreaterThanOrEqual(6);
  for (const step of steps) {
    if (step.language === "sh") run(step);
    else {
      const path = join(folder, step.what);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, step.text);
    }
  }
  for (const made of ["card.html", "curve.svg", "../glued.wav", "../mix.wav", "../in-time.wav"])
    expect(existsSync(join(folder, made)), made).toBe(true);
});

test("and the compressor that came of it compresses, from the folder as from the tarball", async () => {
  const [glued, packed] = ["../glued.wav", "../from-tarball.wav"].map((name) => join(folder, name));
  expect(readFileSync(glued).equals(readFileSync(packed))).toBe(true);
  const [left] = (await readAudioFile(glued)).audio.channels;
  const peak = left.slice(RATE_HZ / 2).reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  // 0.9 is 23.1 dB over -24 dB; at 6:1 a peak detector leaves a sixth of that, and a little for the release.
  const steady = 10 ** ((-24 + (20 * Math.log10(0.9) + 24) / 6) / 20);
  expect(peak).toBeGreaterThan(steady * 0.98);
  expect(peak).toBeLessThan(steady * 1.5);
});
