/** Measures speed in a worker thread, under a watch: a plugin that does not return cannot hold up who asks. */
import { Worker } from "node:worker_threads";
import { type FaultCode, type Manifest, PluginFault, reasonOf } from "@gainstage/plugin-api";
import { BEAT_BYTES, BeatReader, type CallName } from "../playing/watched-plugin.ts";
import { RUN_FRAMES } from "./speed.ts";

/** What a host has of a plugin before it runs: compiled wasm, or JavaScript as a URL to import. */
export type TimedCode = { readonly manifest: Manifest } & (
  | { readonly module: WebAssembly.Module }
  | { readonly url: string }
);

export interface SpeedJob {
  readonly codes: readonly TimedCode[];
  readonly sampleRateHz: number;
  readonly beat: SharedArrayBuffer;
}

export interface SpeedQuestion {
  /** Of the code. */
  readonly index: number;
  readonly params: Readonly<Record<string, number>>;
  readonly blockFrames: number;
}

export type SpeedAnswer =
  | { readonly ns: number }
  | {
      readonly code: FaultCode;
      /** Without the plugin's name. */
      readonly why: string;
    };

/** As hosts have it for one call; here for the calls that half a second of audio takes. */
const LIMIT_MS = 5000;
const LOOK_EVERY_MS = 50;

export class SpeedThread {
  readonly #worker: Worker;
  readonly #codes: readonly TimedCode[];
  readonly #reader: BeatReader;
  readonly #limitMs: number;

  /** All of the plugins run in the same thread, one after the other. */
  constructor(codes: readonly TimedCode[], sampleRateHz: number, limitMs = LIMIT_MS) {
    const job: SpeedJob = { codes, sampleRateHz, beat: new SharedArrayBuffer(BEAT_BYTES) };
    this.#codes = codes;
    this.#reader = new BeatReader(new Int32Array(job.beat));
    this.#limitMs = limitMs;
    this.#worker = new Worker(new URL("./speed-worker.ts", import.meta.url), { workerData: job });
  }

  /**
   * Nanoseconds of process() for each frame, see nsPerFrame(). One question at a time. Rejects with a PluginFault if the
   * plugin refuses, fails or does not return; the thread is of no use then.
   */
  nsPerFrame(question: SpeedQuestion): Promise<number> {
    const { id } = this.#codes[question.index].manifest;
    const worker = this.#worker;
    let forget = () => {};
    return new Promise<number>((resolve, reject) => {
      const fail = (code: FaultCode, why: string) => reject(new PluginFault(code, id, why));
      const onError = (error: unknown) => fail("trap", `it ended its thread: ${reasonOf(error)}`);
      const onExit = () => fail("trap", "it ended its thread");
      const timer = setInterval(() => {
        const call = this.#reader.overdue(performance.now(), this.#limitMs);
        if (call) fail("hang", hangText(call, this.#limitMs));
      }, LOOK_EVERY_MS);
      const onMessage = (answer: SpeedAnswer) =>
        "ns" in answer ? resolve(answer.ns) : fail(answer.code, answer.why);
      worker.once("message", onMessage).once("error", onError).once("exit", onExit);
      forget = () => {
        clearInterval(timer);
        worker.off("message", onMessage).off("error", onError).off("exit", onExit);
      };
      worker.postMessage(question);
    }).finally(() => forget());
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

function hangText(call: CallName, limitMs: number): string {
  const seconds = `${limitMs / 1000} s`;
  return call === "process()"
    ? `its process() takes longer than ${seconds} over ${RUN_FRAMES} frames`
    : `${call} did not return within ${seconds}`;
}
