/** What of the engine a plugin that runs works with. */
import type { HeardSong } from "./heard-song.ts";
import type { CallWatch, RuntimeFault } from "./runtime-fault.ts";
import type { SongClock } from "./song-clock.ts";

export interface RunnerPlace {
  readonly node: string;
  /** Among the engine's plugin nodes. */
  readonly index: number;
  /** Views of the engine's buffers, [port][channel]. */
  readonly inputs: readonly Float32Array[][];
  readonly outputs: readonly Float32Array[][];
  /** View of the engine's parameters. */
  readonly params: Float64Array;
  readonly sampleRateHz: number;
  readonly onFault: (fault: RuntimeFault) => void;
  readonly watch?: CallWatch;
  /** Engine frames of calls that are known not to end, rising: they fail without being made. */
  readonly hangs?: readonly number[];
  readonly clock?: SongClock;
  readonly heard: HeardSong;
  /** Whether it begins bypassed. */
  readonly bypassed: boolean;
}
