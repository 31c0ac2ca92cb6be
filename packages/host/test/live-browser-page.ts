/** What the page of live-browser.test.ts runs: a song in an AudioWorklet, once as it is and once moved; it posts what was heard. */
import { fetchPlugin, HostEvents, type LiveOutput, liveJob, Playing } from "../src/browser.ts";
import { CAPTURED, EFFECTS, FRAMES, graph, noiseFrom, RATE_HZ, SOUGHT } from "./live-browser-song.ts";

// What of the DOM is used here.
declare class AudioContext {
  constructor(options: object);
  readonly audioWorklet: { addModule(url: string): Promise<void> };
  readonly destination: unknown;
  readonly state: string;
  close(): Promise<void>;
}
declare class AudioWorkletNode {
  constructor(context: AudioContext, name: string, options: object);
  readonly port: {
    onmessage: (event: { readonly data: unknown }) => void;
    postMessage(message: unknown, transferred?: ArrayBuffer[]): void;
  };
  onprocessorerror: (event: unknown) => void;
  connect(to: unknown): void;
}
declare const crossOriginIsolated: boolean;
declare const document: { readonly location: URL };

const { origin } = document.location;
const memory = (frames: number): Float32Array =>
  new Float32Array(crossOriginIsolated ? new SharedArrayBuffer(4 * frames) : new ArrayBuffer(4 * frames));

async function opened(): Promise<LiveOutput> {
  const context = new AudioContext({ sampleRate: RATE_HZ, sinkId: { type: "none" } });
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
      node.onprocessorerror = () => reject(new Error("the processor failed"));
    }),
    close: () => context.close(),
  };
}

async function heard(moves: (playing: Playing, events: HostEvents) => Promise<void>) {
  const codes = await Promise.all(EFFECTS.map((name) => fetchPlugin(`${origin}/plugins/${name}/`)));
  const plugins = {
    graph,
    codes,
    codeOf: new Map(EFFECTS.map((name, k) => [name as string, k])),
    placeholders: [],
    otherContents: [],
  };
  const events = new HostEvents();
  let [positions, dropouts, peak] = [0, 0, 0];
  events.on("position", (position) => {
    positions++;
    ({ dropouts } = position);
    peak = Math.max(peak, ...position.peaks);
  });
  const engine = await WebAssembly.compileStreaming(fetch("engine.wasm"));
  const capture = [memory(CAPTURED), memory(CAPTURED)];
  const request = { graph, output: "out", sampleRateHz: RATE_HZ, frames: FRAMES, capture };
  const job = liveJob(engine, { ...request, sources: noiseFrom(0, memory) }, plugins);
  const surroundings = { events, condemn: () => {}, resolve: () => plugins };
  const playing = await Playing.start(await opened(), job, plugins, surroundings);
  await moves(playing, events);
  await playing.ended;
  await playing.close();
  const bytes = capture.map((channel) => base64(new Uint8Array(channel.slice().buffer)));
  return { channels: bytes, positions, dropouts, peak };
}

/** Until the song has come to a frame. */
const reaches = (events: HostEvents, from: number) =>
  new Promise<void>((resolve) => events.on("position", ({ frame }) => frame >= from && resolve()));

async function seekThenStop(playing: Playing, events: HostEvents): Promise<void> {
  await reaches(events, 5000);
  playing.seek(SOUGHT);
  await reaches(events, SOUGHT + 5000);
  playing.stop();
  await new Promise((resolve) => setTimeout(resolve, 50));
  playing.play();
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

function refusesEval(): boolean {
  try {
    new Function("return 1")();
    return false;
  } catch {
    return true;
  }
}

async function result() {
  try {
    const straight = await heard(async () => {});
    const moved = await heard(seekThenStop);
    return { isolated: crossOriginIsolated, refusesEval: refusesEval(), straight, moved };
  } catch (error) {
    return { error: error instanceof Error ? `${error.message}\n${error.stack}` : String(error) };
  }
}

await fetch(origin, { method: "POST", body: JSON.stringify(await result()) });
