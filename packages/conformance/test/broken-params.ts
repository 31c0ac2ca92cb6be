/** Plugins that a parameter, or the transport, breaks. */
import { afterwards, type Broken, everySample, withState } from "./broken.ts";
import { GAIN, soundManifest, spoilt } from "./sound-plugin.ts";

const [gain, ...others] = soundManifest.params;

export const BROKEN_IN_PARAMS: readonly Broken[] = [
  {
    what: "ramps over the length of the block",
    breaks: "E01",
    plugin: withState((block, state) => {
      const [from, to] = [state[0], state[0] + 0.1 * (1 - state[0])];
      everySample(block, (x, i) => x * (from + ((to - from) * i) / block.frames));
      state[0] = to;
    }),
    also: ["E02"],
    says: /before \w+ changes at \d+: channel \d differs at frame/,
  },
  {
    what: "smooths once a call",
    breaks: "E02",
    plugin: withState((block, state) => {
      state[0] += 0.1 * (1 - state[0]);
      everySample(block, (x) => x * state[0]);
    }),
    says: /with its own values written again: channel \d differs/,
  },
  {
    what: "gives NaN between 3 and 6 dB",
    breaks: "E03",
    plugin: afterwards(({ params, outputs }) => {
      if (params[GAIN] > 3 && params[GAIN] < 6) outputs[0][0][0] = Number.NaN;
    }),
    also: ["E02", "E05", "E15"],
    says: /with these parameters: channel 0 is NaN at frame 0/,
  },
  {
    what: "gives NaN at both of two maxima",
    breaks: "E04",
    plugin: afterwards(({ params, outputs }) => {
      if (params[GAIN] === 24 && params[1] === 100) outputs[0][0][0] = Number.NaN;
    }),
    also: ["E03", "E05", "E09", "E15"],
    says: /with these parameters: channel 0 is NaN at frame 0/,
  },
  {
    what: "explodes when a parameter jumps",
    breaks: "E05",
    plugin: withState((block, state) => {
      const jump = Math.abs(block.params[GAIN] - state[0]);
      state[0] = block.params[GAIN];
      if (jump > 47) everySample(block, (x) => x * 1e9);
    }),
    also: ["E09", "E11"],
    says: /while parameters change: reaches \d+/,
  },
  {
    what: "gives in after nine thousand calls of one frame",
    breaks: "E09",
    plugin: withState((block, state) => {
      if (block.frames === 1 && ++state[0] > 9000) everySample(block, () => Number.NaN);
    }),
    says: /with a change at each frame: channel 0 is NaN at frame 9000/,
  },
  {
    what: "steps to a new gain at once",
    breaks: "E11",
    plugin: afterwards((block) => everySample(block, (x) => x * 10 ** (block.params[GAIN] / 20))),
    says: /clicks when these jump: gainDb; the loudest click is/,
  },
  {
    what: "has another latency when it is loud",
    breaks: "E12",
    plugin: spoilt((processor, { params }) => ({
      ...processor,
      latencyFrames: processor.latencyFrames + (params[GAIN] > 0 ? 1 : 0),
    })),
    says: /has a latency of \d+ frames with these live parameters, \d+ without/,
  },
  {
    what: "reads a restart parameter while it runs",
    breaks: "E12",
    plugin: afterwards((block) => everySample(block, (x) => x * (1 + block.params[4] / 1000))),
    says: /with lookaheadFrames written while it runs: channel 0 differs/,
  },
  {
    what: "has a parameter that does nothing",
    breaks: "E14",
    plugin: afterwards(() => {}, {
      params: [gain, ...others, { ...gain, id: "warmthPercent", name: "Warmth" }],
    }),
    says: /changes nothing at \d+ settings, with a song and without: warmthPercent$/,
  },
  {
    what: "divides by a tempo that it thinks too slow",
    breaks: "E15",
    plugin: afterwards(({ transport, outputs }) => {
      if (transport && transport.tempoBpm < 2) outputs[0][0][0] = Number.NaN;
    }),
    says: /with this transport: channel 0 is NaN at frame 0/,
  },
];
