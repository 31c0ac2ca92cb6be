/** Other programs: run to their end, timed from the outside, and compiled where they are ours to compile. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Entrant, Outcome } from "../entrant.ts";
import { deinterleave, type Material } from "../material.ts";

const execute = promisify(execFile);
const MAX_OUTPUT_BYTES = 1 << 24;
const LAST_WORDS = 300;

export interface Said {
  readonly stdout: string;
  readonly stderr: string;
  /** From its start to its end. */
  readonly seconds: number;
}

/** Throws an Error with the last that it said if it is not there or fails. */
export async function runProgram(program: string, args: readonly string[]): Promise<Said> {
  const started = performance.now();
  try {
    const { stdout, stderr } = await execute(program, args, { maxBuffer: MAX_OUTPUT_BYTES });
    return { stdout, stderr, seconds: (performance.now() - started) / 1000 };
  } catch (error) {
    const { code, stderr = "" } = error as { readonly code?: unknown; readonly stderr?: string };
    if (code === "ENOENT") throw new Error(`${program} is not on this machine`);
    throw new Error(`${program} fails: ${stderr.trim().slice(-LAST_WORDS) || String(error)}`);
  }
}

/** The first version number of what it says when asked for its version. */
export async function versionOf(program: string, ...ask: readonly string[]): Promise<string> {
  const { stdout, stderr } = await runProgram(program, ask);
  return /\d+(\.\d+)+/.exec(`${stdout}${stderr}`)?.[0] ?? "of unknown version";
}

/** Optimised for this machine; the program's path. Throws an Error with the compiler's words. */
export async function compiled(
  source: URL | string,
  material: Material,
  ...flags: readonly string[]
): Promise<string> {
  const path = typeof source === "string" ? source : fileURLToPath(source);
  const program = join(material.folder, basename(path).replace(/\.\w+$/, ""));
  await runProgram("g++", ["-O3", "-march=native", "-x", "c++", path, "-o", program, ...flags]);
  return program;
}

/**
 * A program that is called with the source file, once with a file to write its output to, and prints its own
 * seconds of processing and, where it measures, `lufs` and `dbtp`, as "name value" lines (timing.h).
 */
export function selfTimed(
  name: string,
  program: string,
  { rawFile, folder }: Material,
  writes: boolean,
): Entrant {
  const figures = async (args: readonly string[]) => {
    const { stdout } = await runProgram(program, args);
    return new Map([...stdout.matchAll(/^(\w+) (\S+)$/gm)].map(([, what, value]) => [what, Number(value)]));
  };
  return {
    name,
    run: async () => (await figures([rawFile])).get("seconds")!,
    firstRun: async () => {
      const output = join(folder, `${name.replaceAll(/\W+/g, "-")}.f32`);
      const said = await figures(writes ? [rawFile, output] : [rawFile]);
      const outcome: Outcome = writes
        ? { channels: deinterleave(readFileSync(output)) }
        : { integratedLufs: said.get("lufs")!, truePeakDbtp: said.get("dbtp")! };
      return { outcome, seconds: said.get("seconds")! };
    },
  };
}
