/** Plugins that work until a given frame and fail there, as the source of their entry.js. */

/** In the middle of a block, and not in the first piece that automation cuts it into. */
export const FAILS_AT = 5040;

/** Half its input, `latency` frames late, until frame `at`, where it does what `failure` says. */
export const entry = (latency: number, failure: string, at = FAILS_AT) => `
  import { threadId } from "node:worker_threads";
  export default {
    activate({ inputs }) {
      const rings = inputs[0].layout === "mono" ? [new Float32Array(${latency + 1})]
        : [new Float32Array(${latency + 1}), new Float32Array(${latency + 1})];
      let done = 0;
      return {
        latencyFrames: ${latency},
        tailFrames: 0,
        reset() {},
        process({ frames, inputs, outputs }) {
          for (let i = 0; i < frames; i++, done++) {
            for (let c = 0; c < rings.length; c++) {
              rings[c][done % ${latency + 1}] = inputs[0][c][i];
              outputs[0][c][i] = 0.5 * rings[c][(done + 1) % ${latency + 1}];
            }
            const out = outputs[0];
            if (done >= ${at}) { ${failure} }
          }
          return 0;
        },
        dispose() { throw new Error("not even at the end"); },
      };
    },
  };`;

export const FAILURES = {
  throws: 'throw new Error("out of luck on thread " + threadId);',
  "throws-undefined": "throw undefined;",
  nan: "out[0][i] = NaN;",
  infinity: `if (done === ${FAILS_AT}) out[out.length - 1][i] = -Infinity;`,
} as const;
export type Failure = keyof typeof FAILURES;
