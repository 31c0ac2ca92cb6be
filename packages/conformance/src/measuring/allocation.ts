/**
 * How much JavaScript heap a piece of work takes, by sampling the heap: counting garbage collections misses an
 * array a block, since the young generation swallows it.
 */
import { type HeapProfiler, Session } from "node:inspector";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { LoadedPlugin, RunningProcessor } from "@gainstage/plugin-api";
import { start } from "../playing/stream.ts";

const MARK = "underTest";

/** Bytes allocated by `work`, collected or not, at one sample every 64 bytes. */
export function bytesAllocatedBy(work: () => void): number {
  const underTest = { [MARK]: () => work() }[MARK];
  const session = new Session();
  session.connect();
  session.post("HeapProfiler.enable");
  session.post("HeapProfiler.startSampling", {
    samplingInterval: 64,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  });
  underTest();
  let bytes = 0;
  session.post("HeapProfiler.stopSampling", (_error, { profile }) => {
    bytes = sum(profile.head, false);
  });
  session.disconnect();
  return bytes;
}

function sum(node: HeapProfiler.SamplingHeapProfileNode, inside: boolean): number {
  const counted = inside || node.callFrame.functionName === MARK;
  return node.children.reduce((bytes, child) => bytes + sum(child, counted), counted ? node.selfSize : 0);
}

/** What a processor's package holds: a wasm memory whole, or this thread's heap and array buffers after a collection. */
export function memoryBytesOf(processor: RunningProcessor, isWasm: boolean): number {
  if (isWasm) return processor.block.outputs.flat()[0].buffer.byteLength;
  collectGarbage();
  return uncollectedBytes();
}

/** At least what memoryBytesOf() gives, in a thousandth of the time. */
export function memoryBoundOf(processor: RunningProcessor, isWasm: boolean): number {
  return isWasm ? memoryBytesOf(processor, true) : uncollectedBytes();
}

function uncollectedBytes(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

let collect: (() => void) | undefined;

function collectGarbage(): void {
  if (!collect) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as () => void;
  }
  // The second waits for the sweep of the first, which frees array buffers on a thread of its own.
  collect();
  collect();
}

const INSTANCES = 8;

/** Bytes by which a package grows with each processor more. */
export function memoryPerInstance(plugin: LoadedPlugin, isWasm: boolean): number {
  const processors = [start(plugin)];
  const one = memoryBytesOf(processors[0], isWasm);
  while (processors.length < INSTANCES) processors.push(start(plugin));
  const all = memoryBytesOf(processors[0], isWasm);
  for (const processor of processors) processor.dispose();
  return Math.max(0, (all - one) / (INSTANCES - 1));
}
