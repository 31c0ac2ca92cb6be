/**
 * How much JavaScript heap a piece of work takes, by sampling the heap: counting garbage collections misses an
 * array a block, since the young generation swallows it.
 */
import { type HeapProfiler, Session } from "node:inspector";

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
