/** Runs a case from activation to the end, each time with a processor of its own. */
import {
  clampParam,
  type LoadedPlugin,
  type Manifest,
  type RunningProcessor,
  type SetupRequest,
} from "@gainstage/plugin-api";
import { CASE_FRAMES, type Case } from "../cases/case.ts";
import { channelsOfSignal } from "./signals.ts";
import {
  MAX_FRAMES,
  mainInputOf,
  type ParamChange,
  SAMPLE_RATE_HZ,
  type StreamOptions,
  start,
  stream,
} from "./stream.ts";

/** Of a case, what activate() is told. */
export function setupOf(given: Case): Partial<SetupRequest> {
  const { sampleRateHz = SAMPLE_RATE_HZ, maxFrames, seed, mode, layout, connected, params, stateHex } = given;
  const longest = Math.max(1, ...(given.blocks ?? [128]));
  return {
    sampleRateHz,
    maxFrames: Math.max(maxFrames ?? MAX_FRAMES, longest),
    ...(seed !== undefined && { seed }),
    ...(mode && { mode }),
    ...(layout && { layout }),
    ...(connected && { connected }),
    ...(params && { params }),
    ...(stateHex !== undefined && {
      state: { version: 1, bytes: Uint8Array.from(Buffer.from(stateHex, "hex")) },
    }),
  };
}

/** Works with a processor of the case, and disposes of it, whatever happens. */
export function withProcessor<T>(
  plugin: LoadedPlugin,
  given: Case,
  work: (processor: RunningProcessor) => T,
): T {
  const processor = start(plugin, setupOf(given));
  try {
    return work(processor);
  } finally {
    processor.dispose();
  }
}

/** What the processor puts out for the case's signal: every output port's channels. */
export function playOn(
  processor: RunningProcessor,
  manifest: Manifest,
  given: Case,
  options: StreamOptions = {},
): Float32Array[] {
  return stream(processor, signalOf(processor, given), {
    blocks: given.blocks ?? [128],
    changes: changesOf(manifest, given),
    ...(given.transport && { song: given.transport }),
    allOutputs: true,
    ...options,
  });
}

/** The same from a fresh processor. */
export function play(plugin: LoadedPlugin, given: Case, options?: StreamOptions): Float32Array[] {
  return withProcessor(plugin, given, (processor) => playOn(processor, plugin.manifest, given, options));
}

/** [channel] of the main input. */
export function signalOf(processor: RunningProcessor, given: Case): Float32Array[] {
  const { signal = { kind: "noise" }, frames = CASE_FRAMES, sampleRateHz = SAMPLE_RATE_HZ } = given;
  return channelsOfSignal(signal, mainInputOf(processor).length, frames, sampleRateHz);
}

/** By index, in the order of their frames; values inside their ranges, as a host sees to. */
export function changesOf({ params }: Manifest, given: Case): ParamChange[] {
  return (given.changes ?? [])
    .map(({ frame, param, value }) => {
      const index = params.findIndex((p) => p.id === param);
      return { frame, param: index, value: clampParam(params[index], value) };
    })
    .sort((a, b) => a.frame - b.frame);
}
