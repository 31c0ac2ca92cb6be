/**
 * A plugin whose calls leave a trace in shared memory, so that another thread sees one that does not return.
 *
 * `beat` counts up on the way into a call and again on the way out: while it is odd, the plugin is at work.
 */
import {
  type Host,
  type LoadedPlugin,
  type Manifest,
  type PluginExtensions,
  PluginFault,
  type ProcessSetup,
  type RunningBlock,
  type RunningProcessor,
  reasonOf,
} from "@gainstage/plugin-api";

export const CALLS = [
  "the module",
  "activate()",
  "process()",
  "reset()",
  "an extension",
  "dispose()",
] as const;
export type CallName = (typeof CALLS)[number];

export interface Watch {
  enter(call: CallName): void;
  leave(): void;
}

export const UNWATCHED: Watch = { enter() {}, leave() {} };

const BEAT = 0;
const CALL = 1;
export const BEAT_BYTES = 8;

/** The side that makes the calls. */
export class BeatingWatch implements Watch {
  readonly #beat: Int32Array;

  constructor(beat: Int32Array) {
    this.#beat = beat;
  }

  enter(call: CallName): void {
    Atomics.store(this.#beat, CALL, CALLS.indexOf(call));
    Atomics.add(this.#beat, BEAT, 1);
  }

  leave(): void {
    Atomics.add(this.#beat, BEAT, 1);
  }
}

/** The side that looks. */
export class BeatReader {
  readonly #beat: Int32Array;
  #seen = 0;
  #sinceMs = 0;

  constructor(beat: Int32Array) {
    this.#beat = beat;
  }

  /** The call that has been going on for more than `limitMs`, if one has; `nowMs` is any steady clock. */
  overdue(nowMs: number, limitMs: number): CallName | undefined {
    const beat = Atomics.load(this.#beat, BEAT);
    if (beat !== this.#seen) {
      this.#seen = beat;
      this.#sinceMs = nowMs;
      return undefined;
    }
    const inside = (beat & 1) === 1;
    return inside && nowMs - this.#sinceMs > limitMs ? CALLS[Atomics.load(this.#beat, CALL)] : undefined;
  }
}

export function watched(plugin: LoadedPlugin, watch: Watch): LoadedPlugin {
  return {
    manifest: plugin.manifest,
    activate(setup: ProcessSetup, host?: Host) {
      watch.enter("activate()");
      try {
        return new WatchedProcessor(plugin.activate(setup, host), watch, plugin.manifest);
      } finally {
        watch.leave();
      }
    },
  };
}

class WatchedProcessor implements RunningProcessor {
  readonly latencyFrames: number;
  readonly tailFrames: number;
  readonly block: RunningBlock;
  readonly #processor: RunningProcessor;
  readonly #watch: Watch;
  readonly #manifest: Manifest;

  constructor(processor: RunningProcessor, watch: Watch, manifest: Manifest) {
    this.#processor = processor;
    this.#watch = watch;
    this.#manifest = manifest;
    this.latencyFrames = processor.latencyFrames;
    this.tailFrames = processor.tailFrames;
    this.block = processor.block;
  }

  process(): number {
    this.#watch.enter("process()");
    try {
      return this.#processor.process();
    } finally {
      this.#watch.leave();
    }
  }

  reset(): void {
    this.#watch.enter("reset()");
    try {
      this.#processor.reset();
    } catch (error) {
      throw new PluginFault("trap", this.#manifest.id, `it failed in reset(): ${reasonOf(error)}`);
    } finally {
      this.#watch.leave();
    }
  }

  extension<I extends keyof PluginExtensions>(id: I): PluginExtensions[I] | undefined {
    if (!this.#manifest.extensions?.includes(id)) return undefined;
    const offered = this.#during(() => this.#processor.extension(id));
    if (!offered) return undefined;
    const calls = Object.entries(offered).map(([name, call]) => [
      name,
      (...args: unknown[]) => this.#during(() => (call as (...all: unknown[]) => unknown)(...args)),
    ]);
    return Object.fromEntries(calls);
  }

  dispose(): void {
    this.#watch.enter("dispose()");
    try {
      this.#processor.dispose();
    } finally {
      this.#watch.leave();
    }
  }

  #during<T>(work: () => T): T {
    this.#watch.enter("an extension");
    try {
      return work();
    } finally {
      this.#watch.leave();
    }
  }
}
