/**
 * Plugins with a mistake that is in their echoes alone: nothing of it can be heard in the first half second. What
 * else it breaks is not asked: a second of each sound takes its time.
 */
import type { Broken } from "./broken.ts";
import { echoPlugin } from "./sound-echo.ts";

const module = { calls: 0 };

export const BROKEN_LATE: readonly Broken[] = [
  {
    what: "keeps its echoes through reset()",
    breaks: "C03",
    alone: true,
    plugin: echoPlugin({ keeps: "line" }),
    says: /after reset\(\): channel \d differs at frame \d+/,
  },
  {
    what: "halves its echo in the last frame of a block",
    breaks: "D01",
    alone: true,
    plugin: echoPlugin({ echo: (x, frame, frames) => (frame === frames - 1 ? x / 2 : x) }),
    says: /against blocks of 1024: channel \d differs at frame \d+/,
  },
  {
    what: "gives another echo each time",
    breaks: "D02",
    alone: true,
    plugin: echoPlugin({ echo: (x) => x * (1 + 1e-7 * (module.calls++ % 1009)) }),
    says: /sounds different in a fresh instance/,
  },
  {
    what: "has echoes that overflow",
    breaks: "P01",
    alone: true,
    plugin: echoPlugin({ echo: (x) => (Math.abs(x) > 1e5 ? Number.POSITIVE_INFINITY : x) }),
    says: /with \w+ of ±1000000: channel \d is Infinity at frame \d{5}/,
  },
  {
    what: "keeps a NaN in its echo through reset()",
    breaks: "P09",
    alone: true,
    plugin: echoPlugin({ keeps: "line and place" }),
    says: /after NaN and reset\(\): channel \d differs/,
  },
  {
    what: "has echoes that are far too loud",
    breaks: "P13",
    alone: true,
    plugin: echoPlugin({ echo: (x) => x * 1e5 }),
    says: /reaches \d+\.\d dBFS/,
  },
  {
    what: "has one delay line for all of its processors",
    breaks: "L08",
    alone: true,
    plugin: echoPlugin({ line: new Float32Array(96_001) }),
    says: /beside another processor: channel \d differs at frame \d+/,
  },
  {
    what: "jumps to another level of its echo",
    breaks: "E11",
    alone: true,
    plugin: echoPlugin({ smoothing: 1 }),
    says: /clicks when these jump: echoPercent/,
  },
];
