/** What every check of a host works with: the kit's folder, a host, and a request with its usual answers filled in. */
import { CheckFailed } from "../cases/check-failed.ts";
import { firstDifference } from "../measuring/compare.ts";
import { noise } from "../playing/signals.ts";
import type { HostDocument, HostRender, HostRequest, HostUnderTest } from "./host-under-test.ts";
import type { KitFolder } from "./kit-folder.ts";

export const FRAMES = 20_000;
export const SAMPLE_RATE_HZ = 48_000;
export const BLOCK_FRAMES = 512;
const HANG_SECONDS = 0.5;

export type Asked = Pick<HostRequest, "nodes" | "buses"> & Partial<HostRequest>;

export interface Trial {
  readonly shape: "graph" | "chain";
  readonly kit: KitFolder;
  readonly input: readonly Float32Array[];
  render(asked: Asked): Promise<HostRender>;
  /** Where the host has it. */
  readonly keep: ((asked: Asked) => Promise<HostDocument>) | undefined;
}

export function trialOf(host: HostUnderTest, kit: KitFolder): Trial {
  const input = [noise(FRAMES, 5, 0.5), noise(FRAMES, 6, 0.5)];
  const filledIn = (asked: Asked): HostRequest => ({
    pluginsFolder: kit.path,
    sampleRateHz: SAMPLE_RATE_HZ,
    frames: FRAMES,
    blockFrames: BLOCK_FRAMES,
    threads: 1,
    hangSeconds: HANG_SECONDS,
    input,
    ...asked,
  });
  return {
    shape: host.shape ?? "graph",
    kit,
    input,
    render: (asked) => host.render(filledIn(asked)),
    keep: host.keep && ((asked) => host.keep!(filledIn(asked))),
  };
}

/** One thing that plugins may rely on. */
export interface HostCheck {
  readonly id: string;
  readonly title: string;
  /** Throws a CheckFailed. */
  run(trial: Trial): Promise<void>;
}

/** Throws a CheckFailed that names the first frame whose bits differ. */
export function sameBus(
  { buses }: HostRender,
  bus: string,
  expected: readonly Float32Array[],
  what: string,
): void {
  const actual = buses.get(bus);
  if (!actual) throw new CheckFailed(`there is no bus "${bus}" in what was rendered`);
  const at = firstDifference(actual, expected);
  if (at === undefined) return;
  const [is, wanted] = [actual, expected].map((audio) => audio.map((channel) => channel[at]).join(", "));
  throw new CheckFailed(`${what}: ${is} instead of ${wanted} at frame ${at}`);
}
