/**
 * A third plugin that keeps every promise, whose answer comes late:
 *
 *   in ─┬───────────────────────────────────────────────────────────────▶ ⊕ ─▶ out
 *       └▶ left less half of right ─▶ line ─┬▶ 0.5 s ─▶ × echo ─▶ left ───┘
 *                                           └▶ 1 s   ─▶ × echo ─▶ right ──┘
 */
import type { Manifest, Plugin } from "@gainstage/plugin-api";
import { approach, framesToArrive } from "./smoothing.ts";
import type { MemoryPlugin } from "./sound-plugin.ts";

export const echoManifest: Manifest = {
  api: "1.0",
  id: "com.example.sound-echo",
  name: "Sound echo",
  vendor: "Example",
  version: "1.0.0",
  license: "MIT",
  features: ["delay"],
  entry: { module: "sound-echo.js" },
  inputs: [{ id: "in", name: "Input", role: "main", layouts: ["stereo"] }],
  outputs: [{ id: "out", name: "Output", role: "main", layouts: ["stereo"] }],
  params: [
    { id: "echoPercent", name: "Echo", unit: "percent", min: 0, max: 100, default: 50, role: "mix" },
    {
      id: "tempoBpm",
      name: "Tempo without a song",
      unit: "bpm",
      min: 60,
      max: 240,
      default: 120,
      applies: "restart",
    },
  ],
};

/** Of a quarter at 120 bpm and 48 kHz. */
export const FIRST_ECHO_FRAMES = 24_000;
const LEFT_SECONDS = 0.5;
const RIGHT_SECONDS = 1;

/** What is wrong with it: nothing, if nothing is said. */
export interface EchoDefects {
  /** Through reset(). */
  readonly keeps?: "line" | "line and place";
  /** Every processor writes into this one. */
  readonly line?: Float32Array;
  readonly smoothing?: number;
  /** What the echo of a sample becomes, at a frame of a block. */
  readonly echo?: (echo: number, frame: number, frames: number) => number;
}

/** The second parameter is a tempo that counts where there is no song: it shifts the right echo. */
export function echoPlugin(defects: EchoDefects = {}): MemoryPlugin {
  const { keeps, line: shared, smoothing, echo = (x: number) => x } = defects;
  const activate: Plugin["activate"] = ({ sampleRateHz, params: [, tempoBpm] }) => {
    const tailFrames = Math.ceil(2 * RIGHT_SECONDS * sampleRateHz);
    const line = shared ?? new Float32Array(tailFrames + 1);
    const state = new Float64Array(2);
    const [AT, SILENT] = [0, 1];
    const share = new Float64Array(1);
    const wanted = new Float64Array(1);
    const reset = () => {
      if (!keeps) line.fill(0);
      if (keeps !== "line and place") state[AT] = 0;
      share[0] = Number.NaN;
      state[SILENT] = tailFrames;
    };
    reset();
    return {
      latencyFrames: 0,
      tailFrames,
      reset,
      process({ frames, inputs: [input], outputs: [output], params: [echoPercent], transport }) {
        wanted[0] = echoPercent / 100;
        const beat = transport ? 1 : 120 / tempoBpm;
        const left = Math.round(LEFT_SECONDS * sampleRateHz);
        const right = Math.round(RIGHT_SECONDS * beat * sampleRateHz);
        if (Number.isNaN(share[0])) share[0] = wanted[0];
        for (let i = 0; i < frames; i++) {
          approach(share, wanted, smoothing);
          const at = state[AT];
          line[at] = input[0][i] - 0.5 * input[1][i];
          output[0][i] =
            input[0][i] + share[0] * echo(line[(at - left + line.length) % line.length], i, frames);
          output[1][i] =
            input[1][i] + share[0] * echo(line[(at - right + line.length) % line.length], i, frames);
          state[AT] = (at + 1) % line.length;
          state[SILENT] = input[0][i] === 0 && input[1][i] === 0 ? state[SILENT] + 1 : 0;
        }
        return Math.max(0, tailFrames - state[SILENT], framesToArrive(share, wanted));
      },
    };
  };
  return { manifest: echoManifest, activate };
}
