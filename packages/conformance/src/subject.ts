/** What a check is given: a plugin of its own, and where it may say what it measured. */
import { type LoadedPlugin, type Manifest, PluginFault, reasonOf } from "@gainstage/plugin-api";
import { CASE_FRAMES, type Case } from "./cases/case.ts";
import { CheckFailed } from "./cases/check-failed.ts";
import { NotRun } from "./check.ts";
import type { LoadedCode } from "./loading/load-folder.ts";
import { framesToHear } from "./measuring/answer.ts";
import { UNWATCHED, type Watch, watched } from "./playing/watched-plugin.ts";

export interface Subject {
  /** Where plugin.json lies; undefined for a plugin that exists in memory alone, as in a test. */
  readonly folder: string | undefined;
  /** plugin.json as it was read, right or wrong. */
  readonly document: unknown;
  /** Of a manifest that is sound. */
  readonly manifest: Manifest;
  /** Its code, and for wasm a memory, that no other check has touched. */
  readonly plugin: LoadedPlugin;
  /** Another one, beside it. */
  readonly fresh: () => LoadedPlugin;
  /** The bytes of a wasm entry. */
  readonly wasm: Uint8Array | undefined;
  /** What the entry did while it was first evaluated: see LoadedCode. */
  readonly atImport: LoadedCode["atImport"];
  /** How long a fixed case runs by default, so that what the plugin does at its defaults is in it. Measured once. */
  readonly caseFrames: number;
  readonly seed: number;
  /** Scales the number of random cases. */
  readonly effort: number;
  /** How long the random search of one check may take at most. */
  readonly budgetMs: number;
  /** How long what it finds may be made smaller. */
  readonly shrinkMs: number;
  /** Of the soak, in minutes of audio. */
  readonly soakMinutes: number;
  /** Why it does not activate with its defaults, if it does not: then nothing else can be asked of it. */
  readonly inert: string | undefined;
  /** A figure for the report. */
  readonly measured: (text: string) => void;
  /** What is about to run, in case it never comes back. */
  readonly trying: (current: Case) => void;
}

export const DEFAULT_SEED = 1;
const DEFAULT_EFFORT = 1;
const DEFAULT_BUDGET_MS = 2000;
const DEFAULT_SOAK_MINUTES = 0.5;

export interface SubjectOptions {
  readonly folder?: string | undefined;
  readonly document: unknown;
  readonly wasm?: Uint8Array | undefined;
  /** The code, or why there is none. */
  readonly code: Pick<LoadedCode, "manifest" | "instantiate" | "atImport"> | Error;
  readonly watch?: Watch;
  readonly inert?: string | undefined;
  readonly seed?: number | undefined;
  readonly effort?: number | undefined;
  readonly budgetMs?: number | undefined;
  /** Default: as long as the search. */
  readonly shrinkMs?: number | undefined;
  readonly soakMinutes?: number | undefined;
  readonly trying?: (current: Case) => void;
}

/** By what it was measured of: every check of a thread has the same code. */
const lengths = new WeakMap<object, number>();

function caseFramesOf(code: object, fresh: () => LoadedPlugin): number {
  let frames = lengths.get(code);
  if (frames === undefined) {
    try {
      frames = framesToHear(fresh());
    } catch (error) {
      // A plugin that cannot even do this fails in the checks themselves.
      if (!(error instanceof CheckFailed || error instanceof PluginFault)) throw error;
      frames = CASE_FRAMES;
    }
    lengths.set(code, frames);
  }
  return frames;
}

/** A subject for one check. Where there is no code, what needs it throws a NotRun that says why. */
export function subjectOf(options: SubjectOptions): Omit<Subject, "measured"> {
  const { code, watch = UNWATCHED } = options;
  const loaded = () => {
    if (code instanceof Error) throw new NotRun(`it cannot be loaded: ${reasonOf(code)}`);
    return code;
  };
  const fresh = () => {
    if (options.inert !== undefined) throw new NotRun("it does not activate, which L12 says");
    watch.enter("the module");
    try {
      return watched(loaded().instantiate(), watch);
    } finally {
      watch.leave();
    }
  };
  let own: LoadedPlugin | undefined;
  return {
    folder: options.folder,
    document: options.document,
    wasm: options.wasm,
    get manifest() {
      return code instanceof Error ? (options.document as Manifest) : code.manifest;
    },
    get atImport() {
      return loaded().atImport;
    },
    get plugin() {
      own ??= fresh();
      return own;
    },
    fresh,
    get caseFrames() {
      return caseFramesOf(loaded(), fresh);
    },
    inert: options.inert,
    seed: options.seed ?? DEFAULT_SEED,
    effort: options.effort ?? DEFAULT_EFFORT,
    budgetMs: options.budgetMs ?? DEFAULT_BUDGET_MS,
    shrinkMs: options.shrinkMs ?? options.budgetMs ?? DEFAULT_BUDGET_MS,
    soakMinutes: options.soakMinutes ?? DEFAULT_SOAK_MINUTES,
    trying: options.trying ?? (() => {}),
  };
}
