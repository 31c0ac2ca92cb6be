/** What the page runs: the soak in Chromium's AudioWorklet. What it has to say it posts. */
import { fetchPlugin, HostEvents, type LiveOutput, liveJob, Playing } from "@gainstage/host/browser";
import { beginnings, CHECK_FRAMES, largest } from "./heard.ts";
import { EFFECTS } from "./random-mix.ts";
import { firstGraph, soak } from "./soak.ts";
import { RATE_HZ, SONG_FRAMES, sources } from "./song.ts";

// What of the DOM is used here.
declare class AudioContext {
  constructor(options: object);
  readonly audioWorklet: { addModule(url: string): Promise<void> };
  readonly destination: unknown;
  readonly playbackStats?: { readonly underrunEvents: number; readonly underrunDuration: number };
  close(): Promise<void>;
}
declare class AudioWorkletNode {
  constructor(context: AudioContext, name: string, options: object);
  readonly port: {
    onmessage: (event: { readonly data: unknown }) => void;
    postMessage(message: unknown, transferred?: ArrayBuffer[]): void;
  };
  onprocessorerror: (event: { readonly message: string }) => void;
  connect(to: unknown): void;
}
declare const document: { readonly location: URL };

const { origin, searchParams } = new URL(document.location.href);
const [seconds, seed] = ["seconds", "seed"].map((name) => Number(searchParams.get(name)));
const post = (path: string, body: string | Float32Array) =>
  fetch(`${origin}/${path}`, { method: "POST", body: body as BodyInit });
const shared = (frames: number) => new Float32Array(new SharedArrayBuffer(4 * frames));

async function opened(): Promise<LiveOutput> {
  const context = new AudioContext({
    sampleRate: RATE_HZ,
    latencyHint: "playback",
    sinkId: { type: "none" },
  });
  await context.audioWorklet.addModule("worklet.js");
  const node = new AudioWorkletNode(context, "gainstage", {
    numberOfInputs: 0,
    numberOfOutputs: 1,
    outputChannelCount: [2],
  });
  node.connect(context.destination);
  return {
    port: {
      postMessage: (message, transferred) => node.port.postMessage(message, transferred),
      on: (_, listener) => {
        node.port.onmessage = ({ data }) => listener(data);
      },
    },
    failed: new Promise((_, reject) => {
      node.onprocessorerror = ({ message }) => reject(new Error(`the processor failed: ${message}`));
    }),
    underruns: () => {
      const { underrunEvents = 0, underrunDuration = 0 } = context.playbackStats ?? {};
      return { count: underrunEvents, seconds: underrunDuration };
    },
    close: () => context.close(),
  };
}

async function run(): Promise<void> {
  const codes = await Promise.all(EFFECTS.map((name) => fetchPlugin(`${origin}/plugins/${name}/`)));
  const codeOf = new Map(codes.map(({ manifest }, k) => [manifest.id, k]));
  const resolved = (graph: ReturnType<typeof firstGraph>) => ({
    graph,
    codes,
    codeOf: new Map(
      graph.nodes.flatMap((node) =>
        node.kind === "plugin" ? [[node.id, codeOf.get(node.plugin)!] as const] : [],
      ),
    ),
    placeholders: [],
    otherContents: [],
  });
  const capture = [0, 1].map(() => shared(Math.ceil((seconds + 30) * RATE_HZ)).fill(0));
  const graph = firstGraph(seed);
  const request = { graph, output: "out", sampleRateHz: RATE_HZ, frames: SONG_FRAMES, capture };
  const loop = { startFrame: 0, endFrame: SONG_FRAMES };
  const engine = await WebAssembly.compileStreaming(fetch("engine.wasm"));
  const events = new HostEvents();
  const job = liveJob(engine, { ...request, loop, sources: sources(shared) }, resolved(graph));
  const surroundings = {
    events,
    condemn: () => {},
    resolve: (wanted: unknown) => resolved(wanted as typeof graph),
  };
  const playing = await Playing.start(await opened(), job, resolved(graph), surroundings);
  const tell = (line: string) => void post("progress", line);
  const dropped = (count: number) => void post("dropped", String(count));
  const supply = undefined as never;
  const result = await soak({ playing, events, supply, seed, seconds, tell, dropped });
  await playing.close();
  const begun = beginnings(capture);
  await post("soaked", JSON.stringify({ ...result, largest: largest(capture), stops: begun.length }));
  for (let k = 0; k < Math.min(begun.length, result.checks.length); k++) {
    const both = new Float32Array(2 * CHECK_FRAMES);
    for (const [c, channel] of capture.entries())
      both.set(channel.subarray(begun[k], begun[k] + CHECK_FRAMES), c * CHECK_FRAMES);
    await post(`heard?check=${k}`, both);
  }
  await post("over", "");
}

run().catch((error: unknown) => post("failed", error instanceof Error ? `${error.stack}` : String(error)));
