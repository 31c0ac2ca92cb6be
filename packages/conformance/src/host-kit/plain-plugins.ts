/** Plugins whose output has a formula, for tests of hosts: a latency, an echo, a difference. */
import type { Manifest, Plugin } from "@gainstage/plugin-api";
import { recordingManifest } from "./recording-plugin.ts";

const stereo = (id: string, changes: Partial<Manifest> = {}): Manifest => {
  const { meters: _, ...manifest } = recordingManifest;
  return {
    ...manifest,
    id: `org.gainstage.kit.${id}`,
    name: id,
    inputs: [recordingManifest.inputs[0]],
    params: [],
    ...changes,
  };
};

export const lateManifest = stereo("late", {
  params: [
    {
      id: "frames",
      name: "Frames",
      unit: "frames",
      min: 0,
      max: 4096,
      step: 1,
      default: 64,
      applies: "restart",
    },
  ],
});

/** Its input, as late as its parameter says and as it declares. */
export const latePlugin: Plugin = {
  activate({ params, outputs }) {
    const late = params[0];
    const rings =
      outputs[0].channels === 0
        ? []
        : Array.from({ length: outputs[0].channels }, () => new Float32Array(late + 1));
    let head = 0;
    let sounding = 0;
    return {
      latencyFrames: late,
      tailFrames: 0,
      reset() {
        for (const ring of rings) ring.fill(0);
        head = 0;
        sounding = 0;
      },
      process({ frames, inputs: [input], outputs: [output] }) {
        for (let i = 0; i < frames; i++) {
          sounding = Math.max(0, sounding - 1);
          for (let c = 0; c < rings.length; c++) {
            rings[c][head] = input[c][i];
            if (input[c][i] !== 0) sounding = late;
            output[c][i] = rings[c][(head + 1) % (late + 1)];
          }
          head = (head + 1) % (late + 1);
        }
        return sounding;
      },
    };
  },
};

export const ECHO_FRAMES = 5000;
export const echoManifest = stereo("echo");

/** x[n] + x[n − 5000] / 2 */
export const echoPlugin: Plugin = {
  activate({ outputs }) {
    const rings = Array.from({ length: outputs[0].channels }, () => new Float32Array(ECHO_FRAMES));
    let head = 0;
    let sounding = 0;
    return {
      latencyFrames: 0,
      tailFrames: ECHO_FRAMES,
      reset() {
        for (const ring of rings) ring.fill(0);
        head = 0;
        sounding = 0;
      },
      process({ frames, inputs: [input], outputs: [output] }) {
        for (let i = 0; i < frames; i++) {
          sounding = Math.max(0, sounding - 1);
          for (let c = 0; c < rings.length; c++) {
            output[c][i] = input[c][i] + rings[c][head] / 2;
            rings[c][head] = input[c][i];
            if (input[c][i] !== 0) sounding = ECHO_FRAMES;
          }
          head = (head + 1) % ECHO_FRAMES;
        }
        return sounding;
      },
    };
  },
};

export const differenceManifest = stereo("difference", { inputs: recordingManifest.inputs });

/** Its input minus its key. */
export const differencePlugin: Plugin = {
  activate: () => ({
    latencyFrames: 0,
    tailFrames: 0,
    reset() {},
    process({ frames, inputs: [input, key], outputs: [output] }) {
      for (let c = 0; c < output.length; c++)
        for (let i = 0; i < frames; i++) output[c][i] = input[c][i] - key[Math.min(c, key.length - 1)][i];
      return 0;
    },
  }),
};
