/** Runs the command as a shell would, and makes small files for it. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeWavFile } from "@gainstage/audio-io";
import { afterAll } from "vitest";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));

const home = scratchFolder();

/** Whoever runs the tests may force colours, and has plugins and a quarantine of his own. */
export const plainEnvironment: NodeJS.ProcessEnv = {
  ...process.env,
  NO_COLOR: "1",
  FORCE_COLOR: undefined,
  GAINSTAGE_PLUGIN_PATH: undefined,
  GAINSTAGE_STATE_DIR: join(home, "state"),
  XDG_DATA_HOME: undefined,
  APPDATA: join(home, "AppData"),
  HOME: home,
};

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder that is gone when the tests are over. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "gainstage-cli-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function gainstage(...args: readonly string[]): Ran {
  return gainstageIn(process.cwd(), ...args);
}

/** In a working folder of its own. */
export function gainstageIn(folder: string, ...args: readonly string[]): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    cwd: folder,
    encoding: "utf8",
    env: plainEnvironment,
  });
  return { code: status, stdout, stderr };
}

/** Names in a folder, hidden ones too: what an aborted write might leave. */
export function namesIn(folder: string): string[] {
  return readdirSync(folder).sort();
}

export function tone(frames: number, hz: number, rateHz: number, amplitude = 0.25): Float32Array {
  return Float32Array.from(
    { length: frames },
    (_, i) => amplitude * Math.sin((2 * Math.PI * hz * i) / rateHz),
  );
}

/** A second of a chord with a beat, two channels, 32-bit float. */
export async function writeMusic(path: string, rateHz = 48_000, seconds = 1): Promise<void> {
  const frames = rateHz * seconds;
  const beat = (i: number) => 0.3 + 0.7 * Math.exp(-(((i / rateHz) * 4) % 1) * 6);
  const channels = [220, 331].map((hz) => tone(frames, hz, rateHz).map((x, i) => x * beat(i)));
  await writeWavFile(path, channels, { sampleRateHz: rateHz, format: "32f", force: true });
}
