/** H05, H06, H09, H10: what is heard of plugins that keep their word, and which of them are refused. */
import { demand } from "../check.ts";
import { FOREIGN_VERSIONS, foreignId } from "./kit-folder.ts";
import { differenceManifest, ECHO_FRAMES, echoManifest, lateManifest } from "./plain-plugins.ts";
import { type Asked, FRAMES, type HostCheck, sameBus } from "./trial.ts";

const nothing = [new Float32Array(FRAMES), new Float32Array(FRAMES)];

const compensation: HostCheck = {
  id: "H05",
  title: "latency is compensated, beside a plugin and at a sidechain",
  async run({ shape, render, input }) {
    for (const late of [0, 64, 777, 4096]) {
      const node = { id: "late", plugin: lateManifest.id, params: { frames: late }, from: "input" };
      if (shape === "chain") {
        const rendered = await render({ nodes: [node], buses: [{ id: "out", from: [{ node: "late" }] }] });
        sameBus(rendered, "out", input, `${late} frames late`);
        continue;
      }
      const rendered = await render({
        nodes: [node, { id: "difference", plugin: differenceManifest.id, from: "input", key: "late" }],
        buses: [
          { id: "beside", from: [{ node: "late" }, { node: "input", invert: true }] },
          { id: "key", from: [{ node: "difference" }] },
        ],
      });
      sameBus(rendered, "beside", nothing, `${late} frames late, minus the input`);
      sameBus(rendered, "key", nothing, `the input minus a key that is ${late} frames late`);
    }
  },
};

const sleep: HostCheck = {
  id: "H06",
  title: "a plugin sleeps only while it says that nothing is left, and wakes with its input",
  async run({ render, input }) {
    const bursts = input.map((channel) => channel.map((x, i) => (i % 9000 < 400 ? x : 0)));
    const rendered = await render({
      input: bursts,
      nodes: [{ id: "echo", plugin: echoManifest.id, from: "input" }],
      buses: [{ id: "out", from: [{ node: "echo" }] }],
    });
    const expected = bursts.map((channel) =>
      channel.map((x, i) => x + (i >= ECHO_FRAMES ? channel[i - ECHO_FRAMES] / 2 : 0)),
    );
    sameBus(rendered, "out", expected, "echoes of bursts");
  },
};

const versions: HostCheck = {
  id: "H09",
  title: "a plugin for an API that the host has not is refused with the reason",
  async run({ render }) {
    for (const [api, code] of FOREIGN_VERSIONS) {
      const asked: Asked = {
        nodes: [{ id: "foreign", plugin: foreignId(api), from: "input" }],
        buses: [{ id: "out", from: [{ node: "foreign" }] }],
      };
      const refusal = await render(asked).then(
        ({ faults }) => faults.find(({ node }) => node === "foreign"),
        (error: { readonly code?: string }) => error,
      );
      const said = refusal?.code ?? "nothing";
      demand(said === code, `a plugin for API ${api} gives ${said}; it was to be ${code}`);
    }
  },
};

const CUTS = [
  { blockFrames: 64, threads: 1 },
  { blockFrames: 1000, threads: 1 },
  { blockFrames: 512, threads: 2 },
  { blockFrames: 77, threads: 4 },
];

const anyCut: HostCheck = {
  id: "H10",
  title: "any block size and any number of threads give the same bits",
  async run({ shape, render }) {
    const late = { id: "late", plugin: lateManifest.id, params: { frames: 300 }, from: "input" };
    const chain: Asked = {
      nodes: [late, { id: "echo", plugin: echoManifest.id, from: "late" }],
      buses: [{ id: "out", from: [{ node: "echo" }] }],
    };
    const graph: Asked = {
      nodes: [
        late,
        { id: "echo", plugin: echoManifest.id, from: "input" },
        { id: "difference", plugin: differenceManifest.id, from: "late", key: "echo" },
      ],
      buses: [{ id: "out", from: [{ node: "difference" }, { node: "echo" }, { node: "late" }] }],
    };
    const asked = shape === "chain" ? chain : graph;
    const expected = (await render(asked)).buses.get("out") ?? nothing;
    for (const cut of CUTS) {
      const what = `blocks of ${cut.blockFrames} on ${cut.threads} threads`;
      sameBus(await render({ ...asked, ...cut }), "out", expected, what);
    }
  },
};

export const STREAM_CHECKS: readonly HostCheck[] = [compensation, sleep, versions, anyCut];
