/** What parts of a render hand to the threads behind them. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { CompensatedGraph, GraphNode } from "@gainstage/graph";
import fc from "fast-check";
import { expect, test } from "vitest";
import { CrossingReader, CrossingWriter, crossingRings, stopRing } from "../src/rendering/crossing-ring.ts";
import { copyShared, sharedChannel } from "../src/rendering/shared-channel.ts";

const CHUNK_FRAMES = 48;

const part = (...nodes: readonly GraphNode[]): CompensatedGraph => ({
  nodes,
  edges: [],
  order: nodes.map((_, n) => n),
  inLatencyFrames: new Map(),
  latencyFrames: 0,
});

const crossing = (kind: "input" | "output", id: string): GraphNode => ({ kind, id, channels: 1 });

/** Two parts: the first crosses to the second and to the join, the second only to the join. */
const rings = () =>
  crossingRings(
    [part(crossing("output", "cross:0")), part(crossing("input", "cross:0"), crossing("output", "cross:1"))],
    CHUNK_FRAMES,
  );
const SECOND = 1;
const JOIN = 2;

const blockOf = (chunk: number) =>
  new Map([["cross:0", [Float32Array.from({ length: CHUNK_FRAMES }, (_, i) => chunk + i / 64)]]]);

test("each chunk arrives as it was written, with what was still to sound, also where its slot is used again", () => {
  const [ring] = rings();
  const writer = new CrossingWriter(ring);
  const readers = [new CrossingReader(ring, SECOND), new CrossingReader(ring, JOIN)];
  for (let chunk = 0; chunk < 50; chunk++) {
    expect(writer.waitForRoom(chunk)).toBe(true);
    writer.write(blockOf(chunk), chunk, 0, CHUNK_FRAMES);
    writer.ready(chunk, chunk % 2 === 0 ? 0 : Number.POSITIVE_INFINITY);
    for (const reader of readers) {
      expect(reader.waitFor(chunk)).toBe(true);
      const into = new Map([["cross:0", [new Float32Array(16)]]]);
      reader.copyInto(into, chunk, 32, 16);
      expect([...into.get("cross:0")![0]]).toEqual([...blockOf(chunk).get("cross:0")![0].subarray(32)]);
      expect(reader.isSilent(chunk)).toBe(chunk % 2 === 0);
      reader.release(chunk);
    }
  }
});

/** Writes up to 100 chunks, until nobody reads any more, and tells how many these were. */
const WRITES = `
const { parentPort, workerData } = require("node:worker_threads");
import(workerData.from).then(({ CrossingWriter }) => {
  const writer = new CrossingWriter(workerData.ring);
  let chunk = 0;
  for (; chunk < 100 && writer.waitForRoom(chunk); chunk++) writer.ready(chunk, 0);
  parentPort.postMessage(chunk);
});`;

test("a part is ahead of the slowest of those that it goes to by the ring's length, and waits for no other", async () => {
  const from = new URL("../src/rendering/crossing-ring.ts", import.meta.url).href;
  for (const [k, ring] of rings().entries()) {
    const worker = new Worker(WRITES, { eval: true, workerData: { from, ring } });
    const written = once(worker, "message");
    const failed = once(worker, "error").then(([error]) => Promise.reject(error));
    const [fast, slow] = [SECOND, JOIN].map((reader) => new CrossingReader(ring, reader));
    fast.release(1000);
    slow.release(9);
    const slots = ring.outputs.get(`cross:${k}`)![0].length / CHUNK_FRAMES;
    await slow.arrival(10 + slots - 1, failed);
    stopRing(ring);
    expect(await written, `part ${k}`).toEqual([10 + slots]);
    await worker.terminate();
  }
});

test("who waits for a chunk of a part that was stopped hears that it never comes", () => {
  const [ring] = rings();
  stopRing(ring);
  expect(new CrossingReader(ring, JOIN).waitFor(0)).toBe(false);
});

test("shared frames are copied to the bit, and nothing beside them", () => {
  const bits = fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { minLength: 40, maxLength: 40 });
  const place = fc.integer({ min: 0, max: 20 });
  fc.assert(
    fc.property(bits, place, place, place, fc.boolean(), (samples, toAt, fromAt, frames, isShared) => {
      const from = isShared ? sharedChannel(40) : new Float32Array(40);
      const to = isShared ? new Float32Array(40) : sharedChannel(40);
      new Int32Array(from.buffer).set(samples);
      copyShared(to.subarray(0), toAt, from, fromAt, frames);
      const expected = new Int32Array(40);
      expected.set(samples.slice(fromAt, fromAt + frames), toAt);
      expect([...new Int32Array(to.buffer)]).toEqual([...expected]);
    }),
  );
});
