/** Speaker sets: how many channels each has, and which names there are. */
import type { Layout } from "./plugin.ts";

const CHANNELS: Readonly<Record<string, number>> = {
  mono: 1,
  stereo: 2,
  lcr: 3,
  quad: 4,
  "5.1": 6,
  "7.1": 8,
  "7.1.4": 12,
};

const MAX_DISCRETE_CHANNELS = 64;

/** For messages: what a layout may be. */
export const LAYOUT_NAMES = `${Object.keys(CHANNELS).join(", ")} or discrete:N with N from 1 to ${MAX_DISCRETE_CHANNELS}`;

export function isLayout(value: unknown): value is Layout {
  return typeof value === "string" && channelsOf(value as Layout) > 0;
}

/** Channels of a layout; 0 for a name that is none. */
export function channelsOf(layout: Layout): number {
  if (Object.hasOwn(CHANNELS, layout)) return CHANNELS[layout];
  const discrete = /^discrete:([1-9]\d?)$/.exec(layout);
  const count = discrete ? Number(discrete[1]) : 0;
  return count <= MAX_DISCRETE_CHANNELS ? count : 0;
}
