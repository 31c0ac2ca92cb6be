// Live sound: one AudioWorklet on the sound card, or on nothing. Everything of Web Audio stops here.

import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";

export type LiveSoundOptions = {
  readonly sampleRateHz: number;
  readonly channels: 1 | 2;
  /** "none" plays in real time to nobody, and needs no sound card. */
  readonly sink: "default" | "none";
  /** The module that registers the processor; on Node it may be TypeScript and import what it likes. */
  readonly worklet: { readonly module: URL; readonly processor: string };
};

export type LiveSound = {
  /** Of the processor. */
  readonly port: {
    postMessage(message: unknown, transferred?: ArrayBuffer[]): void;
    on(event: "message", listener: (message: unknown) => void): unknown;
  };
  /** Rejects with a LiveSoundError when the processor throws; then it is silent for ever. */
  readonly failed: Promise<never>;
  /** How often and for how long the sink went without sound since it was opened; of "none", was late. */
  underruns(): { readonly count: number; readonly seconds: number };
  /** Lets what was rendered be heard, and ends the sound. A processor that does not return is left behind. */
  close(): Promise<void>;
};

/** There is no sound. The message says why, and what to do. */
export class LiveSoundError extends Error {
  override readonly name = "LiveSoundError";
}

const longestCloseMs = 2000;

/** Opens the sound card and starts the worklet's processor on it. Throws a LiveSoundError. */
export async function openLiveSound(options: LiveSoundOptions): Promise<LiveSound> {
  const { sampleRateHz, channels, sink, worklet } = options;
  const { AudioContext, AudioWorkletNode } = await webAudio();
  const context = await (async () => {
    try {
      return new AudioContext({
        sampleRate: sampleRateHz,
        latencyHint: "playback",
        ...(sink === "none" && { sinkId: { type: "none" } }),
      });
    } catch (cause) {
      const why = `no sound card takes ${sampleRateHz} Hz: ${reason(cause)}`;
      throw new LiveSoundError(`${why}; another --rate may do, and --sink none plays without one`, { cause });
    }
  })();
  try {
    for (const module of [worklet.module, new URL("./worklet-rest.ts", import.meta.url)])
      await context.audioWorklet.addModule(fileURLToPath(module));
    const node = new AudioWorkletNode(context, worklet.processor, {
      numberOfInputs: 0,
      numberOfOutputs: 1,
      outputChannelCount: [channels],
    });
    const failed = new Promise<never>((_, reject) => {
      node.addEventListener("processorerror", (event) => {
        const { message } = event as unknown as { readonly message: string };
        reject(new LiveSoundError(`the sound ended: ${message}`));
      });
    });
    failed.catch(() => {});
    node.connect(context.destination);
    const close = async () => {
      await wait(1000 * (context.baseLatency + context.outputLatency));
      await Promise.race([context.close(), wait(longestCloseMs, undefined, { ref: false })]);
    };
    const underruns = () => {
      const { underrunEvents, underrunDuration } = (context as unknown as WithPlaybackStats).playbackStats;
      return { count: underrunEvents, seconds: underrunDuration };
    };
    return { underruns, port: node.port as unknown as LiveSound["port"], failed, close };
  } catch (cause) {
    await context.close();
    throw new LiveSoundError(`the audio worklet cannot be started: ${reason(cause)}`, { cause });
  }
}

/** https://webaudio.github.io/web-audio-api/#AudioPlaybackStats, which the package's types do not have yet. */
type WithPlaybackStats = {
  readonly playbackStats: { readonly underrunEvents: number; readonly underrunDuration: number };
};

async function webAudio(): Promise<typeof import("node-web-audio-api")> {
  try {
    return await import("node-web-audio-api");
  } catch (cause) {
    throw new LiveSoundError(`there is no live sound on this system: ${reason(cause)}`, { cause });
  }
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
