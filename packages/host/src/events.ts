/** What a host tells while it works. Control thread only; nothing here is ever on the audio path. */

import type { RuntimeFault } from "@gainstage/graph";
import { EventEmitter } from "eventemitter3";
import type { PluginLog } from "./loading/host-extensions.ts";
import type { OtherContent, Placeholder } from "./running/resolve-plugins.ts";

export interface RenderProgress {
  readonly framesDone: number;
  readonly framesTotal: number;
}

export interface MeterEvent {
  /** Frames into the render or the song, latency removed. */
  readonly frame: number;
  readonly node: string;
  /** In manifest order; of a meter node, live, the peak of each channel and then the RMS of each. Read it at once: the array is the plugin's. */
  readonly values: Float32Array;
}

export interface PlayPosition {
  /** Of the song: what is heard next. */
  readonly frame: number;
  readonly isPlaying: boolean;
  /** Of each channel, linear, since the position before. */
  readonly peaks: readonly number[];
  readonly rms: readonly number[];
  /** How often the sound was interrupted since the song began: frames that the context skipped, and underruns of the device. */
  readonly dropouts: number;
  readonly droppedFrames: number;
}

export interface HostEventMap {
  progress: [RenderProgress];
  /** Where the song that is played stands, about twenty times a second. */
  position: [PlayPosition];
  meters: [MeterEvent];
  /** A plugin failed while it ran; the render goes on without it. */
  fault: [RuntimeFault];
  /** A plugin cannot be had; the render begins with a stand-in. */
  placeholder: [Placeholder];
  /** A plugin is not the very one that the graph was made with; the render begins with it. */
  otherContent: [OtherContent];
  /** A plugin says something by "log/1". */
  log: [PluginLog];
}

export class HostEvents extends EventEmitter<HostEventMap> {}
