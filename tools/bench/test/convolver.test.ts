import { createHost } from "@gainstage/host";
import { expect, test } from "vitest";
import { impulseResponse, type Stereo } from "../src/material.ts";
import { convolverNode } from "../src/ours/convolver.ts";
import { prepared } from "../src/ours/one-core.ts";

test("the convolver of W3 answers an impulse with the response that its peers have", async () => {
  const response = impulseResponse();
  const frames = response[0].length;
  const impulse = () => Float32Array.from({ length: frames }, (_, i) => (i === 0 ? 1 : 0));
  const host = createHost();
  const node = convolverNode(host.catalog, response);
  const { engine, render } = await prepared(
    host,
    {
      nodes: [{ kind: "input", id: "in", channels: 2 }, node, { kind: "output", id: "out", channels: 2 }],
      edges: [
        { from: { node: "in", port: "out" }, to: { node: node.id, port: "in" } },
        { from: { node: node.id, port: "out" }, to: { node: "out", port: "in" } },
      ],
    },
    512,
  );
  const output: Stereo = [new Float32Array(frames), new Float32Array(frames)];
  render(new Map([["in", [impulse(), impulse()] as const]]), output);
  expect(engine.latencyFrames).toBe(0);
  for (const [c, channel] of output.entries()) {
    for (let i = 0; i < frames; i++) {
      // It fades the last frames of a response that is cut off.
      if (!(Math.abs(channel[i] - response[c][i]) < 2e-5)) {
        expect.fail(`channel ${c}, frame ${i}: ${channel[i]}, not ${response[c][i]}`);
      }
    }
  }
});
