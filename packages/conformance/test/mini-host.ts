/**
 * The least that a host can be and keep its word, on one thread, node after node over the whole song; and ways to break
 * it, one at a time, so that the host kit can be tried. It cannot survive a plugin that hangs.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  type LoadedPlugin,
  type Manifest,
  ModulePlugin,
  negotiate,
  PluginFault,
  processSetup,
  type RunningProcessor,
} from "@gainstage/plugin-api";
import type {
  HostDocument,
  HostNode,
  HostRender,
  HostRequest,
  HostUnderTest,
} from "../src/host-kit/host-under-test.ts";

export type Defect =
  | "changes are a frame late"
  | "an unconnected key hears the input"
  | "silentOutputs is never cleared"
  | "goes on after dispose"
  | "latency is not compensated"
  | "sleeps in every silence"
  | "runs any version"
  | "drops the last frame of a block"
  | "lets everything through"
  | "cuts instead of fading"
  | "never builds anew"
  | "one plugin's input is the next one's"
  | "keeps parameters in single precision"
  | "writes the hour into its documents"
  | "forgets the state of what is not there";

type Audio = readonly Float32Array[];
interface Stream {
  readonly audio: Audio;
  /** How late it is. */
  readonly late: number;
}

const FADE_FRAMES = 240;
const REST_FRAMES = 480;
const LOUDEST = 1000;

export function miniHost(defect?: Defect, shape: "graph" | "chain" = "graph"): HostUnderTest {
  return {
    shape,
    render: (request) => new MiniRender(request, defect).run(),
    keep: async (request) => keep(request, defect),
  };
}

function keep({ nodes, changes = [] }: HostRequest, defect: Defect | undefined): HostDocument {
  const kept = nodes.map(({ id, plugin, params = {}, state }) => ({
    id,
    plugin,
    params:
      defect === "keeps parameters in single precision"
        ? Object.fromEntries(Object.entries(params).map(([param, value]) => [param, Math.fround(value)]))
        : params,
    ...(state && defect !== "forgets the state of what is not there" && { state }),
  }));
  const text = (n: number) =>
    new TextEncoder().encode(defect === "writes the hour into its documents" ? `written ${n}` : "written");
  return { written: text(1), writtenAgain: text(2), nodes: kept, changes };
}

class MiniRender {
  readonly #request: HostRequest;
  readonly #defect: Defect | undefined;
  readonly #faults: { node: string; code: string }[] = [];
  readonly #streams = new Map<string, Stream>();
  #total = 0;

  constructor(request: HostRequest, defect: Defect | undefined) {
    this.#request = request;
    this.#defect = defect;
  }

  async run(): Promise<HostRender> {
    const { nodes, buses, input, frames } = this.#request;
    this.#total = frames + 8192;
    this.#streams.set("input", { audio: input.map((channel) => padded(channel, this.#total)), late: 0 });
    for (const node of nodes) this.#streams.set(node.id, await this.#node(node));
    const heard = buses.map(({ id, from }) => {
      const streams = from.map(({ node }) => this.#streams.get(node)!);
      const late = Math.max(...streams.map((stream) => stream.late));
      const sum = [0, 1].map((c) => {
        const channel = new Float32Array(frames);
        for (const [k, stream] of streams.entries())
          for (let i = 0; i < frames; i++)
            channel[i] += (from[k].invert ? -1 : 1) * this.#at(stream, c, i, late);
        return channel;
      });
      return [id, sum] as const;
    });
    return { buses: new Map(heard), faults: this.#faults };
  }

  /** Frame i of the song, of a stream that is made as late as `late`. */
  #at({ audio, late: own }: Stream, channel: number, i: number, late: number): number {
    return audio[channel][this.#defect === "latency is not compensated" ? i + late : i + own];
  }

  async #node(node: HostNode): Promise<Stream> {
    const plugin = await this.#load(node);
    const main = this.#streams.get(node.from)!;
    const key = node.key === undefined ? undefined : this.#streams.get(node.key)!;
    const late = Math.max(main.late, key?.late ?? 0);
    const aligned = (stream: Stream) => {
      const wait = this.#defect === "latency is not compensated" ? 0 : late - stream.late;
      return wait === 0 ? stream.audio : delayed(stream.audio, wait);
    };
    const run = new NodeRun(plugin, node, this.#request, this.#defect, late, (code) =>
      this.#faults.push({ node: node.id, code }),
    );
    const unfed = this.#defect === "an unconnected key hears the input" ? aligned(main) : undefined;
    const audio = run.over(aligned(main), key ? aligned(key) : unfed, this.#total);
    return { audio, late: late + run.latencyFrames };
  }

  async #load({ plugin: id }: HostNode): Promise<LoadedPlugin> {
    const folder = join(this.#request.pluginsFolder, id);
    const manifest = JSON.parse(readFileSync(join(folder, "plugin.json"), "utf8")) as Manifest;
    const negotiation = negotiate(manifest.api);
    if (!negotiation.ok && this.#defect !== "runs any version")
      throw new PluginFault(negotiation.code, id, negotiation.message);
    const entry = (manifest.entry as { readonly module: string }).module;
    return new ModulePlugin(manifest, (await import(pathToFileURL(join(folder, entry)).href)).default);
  }
}

/** One node over the whole song: the plugin, and what stands in for it. */
class NodeRun {
  readonly latencyFrames: number;
  readonly #plugin: LoadedPlugin;
  readonly #node: HostNode;
  readonly #request: HostRequest;
  readonly #defect: Defect | undefined;
  readonly #late: number;
  readonly #onFault: (code: string) => void;
  #processor: RunningProcessor;

  constructor(
    plugin: LoadedPlugin,
    node: HostNode,
    request: HostRequest,
    defect: Defect | undefined,
    late: number,
    onFault: (code: string) => void,
  ) {
    this.#plugin = plugin;
    this.#node = node;
    this.#request = request;
    this.#defect = defect;
    this.#late = late;
    this.#onFault = onFault;
    this.#processor = this.#activate();
    this.latencyFrames = this.#processor.latencyFrames;
  }

  #activate(): RunningProcessor {
    const { sampleRateHz, blockFrames } = this.#request;
    const { params = {}, key, state } = this.#node;
    const connected = key === undefined ? [] : ["key"];
    return this.#plugin.activate(
      processSetup(this.#plugin.manifest, {
        sampleRateHz,
        maxFrames: blockFrames,
        params,
        connected,
        ...(state && { state }),
      }),
    );
  }

  over(main: Audio, key: Audio | undefined, total: number): Audio {
    const output = main.map(() => new Float32Array(total));
    const policy =
      this.#plugin.manifest.onFault === "silence"
        ? main.map(() => new Float32Array(total))
        : delayed(main, this.latencyFrames);
    let builds = 1;
    /** Frames left of the stand-in's turn; Infinity when the plugin is off. */
    let standIn = 0;
    let fadeIn = 0;
    for (let at = 0; at < total; ) {
      const frames = this.#untilChange(at, Math.min(this.#request.blockFrames, total - at));
      if (standIn > 0) {
        copy(policy, output, at, frames);
        standIn -= frames;
        if (standIn <= 0) {
          this.#processor = this.#activate();
          fadeIn = FADE_FRAMES;
        }
      } else {
        const code = this.#block(main, key, output, at, frames);
        if (code !== undefined && this.#defect !== "lets everything through") {
          this.#onFault(code);
          copy(policy, output, at, frames);
          standIn =
            builds++ < 2 && this.#defect !== "never builds anew" ? REST_FRAMES : Number.POSITIVE_INFINITY;
          if (this.#defect !== "cuts instead of fading") fadeOut(output, policy, at, total);
        } else if (fadeIn > 0) fadeIn = this.#fadeIn(output, policy, at, frames, fadeIn);
      }
      at += frames;
    }
    if (this.#defect === "goes on after dispose") {
      this.#processor.dispose();
      this.#block(main, key, output, 0, 1);
    } else this.#processor.dispose();
    return output;
  }

  #fadeIn(output: Audio, policy: Audio, at: number, frames: number, left: number): number {
    for (const [c, channel] of output.entries()) {
      for (let i = 0; i < Math.min(frames, left); i++) {
        const share = (left - i) / FADE_FRAMES;
        channel[at + i] = channel[at + i] * (1 - share) + policy[c][at + i] * share;
      }
    }
    return Math.max(0, left - frames);
  }

  #untilChange(at: number, frames: number): number {
    const late = this.#late + (this.#defect === "changes are a frame late" ? 1 : 0);
    const { changes = [] } = this.#request;
    const ahead = changes.filter(({ node, frame }) => node === this.#node.id && frame + late > at);
    const { params } = this.#plugin.manifest;
    for (const { node, param, frame, value } of changes)
      if (node === this.#node.id && frame + late <= at)
        this.#processor.block.params[params.findIndex((p) => p.id === param)] = value;
    return Math.min(frames, ...ahead.map(({ frame }) => frame + late - at));
  }

  /** What went wrong, as a code. */
  #block(main: Audio, key: Audio | undefined, output: Audio, at: number, frames: number): string | undefined {
    const { block } = this.#processor;
    block.frames = frames;
    for (const [c, channel] of main.entries()) {
      if (this.#defect === "one plugin's input is the next one's")
        block.inputs[0][c] = channel.subarray(at, at + this.#request.blockFrames);
      else block.inputs[0][c].set(channel.subarray(at, at + frames));
    }
    if (key)
      for (const [c, channel] of (block.inputs[1] ?? []).entries())
        channel.set(key[c].subarray(at, at + frames));
    block.silentOutputs.fill(this.#defect === "silentOutputs is never cleared" ? 1 : 0);
    const silent = main.every((channel) => channel.subarray(at, at + frames).every((x) => x === 0));
    if (silent && this.#defect === "sleeps in every silence") return undefined;
    try {
      this.#processor.process();
    } catch {
      return "trap";
    }
    const kept = this.#defect === "drops the last frame of a block" ? frames - 1 : frames;
    let loudest = 0;
    for (const [c, channel] of output.entries()) {
      const made = block.outputs[0][c].subarray(0, kept);
      channel.set(made, at);
      for (const x of made) loudest = Math.max(loudest, Math.abs(x));
    }
    if (!Number.isFinite(loudest)) return "non-finite";
    return loudest > LOUDEST ? "overload" : undefined;
  }
}

function padded(channel: Float32Array, frames: number): Float32Array {
  const longer = new Float32Array(frames);
  longer.set(channel);
  return longer;
}

function delayed(audio: Audio, frames: number): Audio {
  return audio.map((channel) => {
    const later = new Float32Array(channel.length);
    later.set(channel.subarray(0, channel.length - frames), frames);
    return later;
  });
}

function copy(from: Audio, to: Audio, at: number, frames: number): void {
  for (const [c, channel] of to.entries()) channel.set(from[c].subarray(at, at + frames), at);
}

/** From the last good sample to the stand-in; what the next blocks hold is the stand-in, so that the fade may cross them. */
function fadeOut(output: Audio, policy: Audio, at: number, total: number): void {
  for (const [c, channel] of output.entries()) {
    const distance = at === 0 ? 0 : channel[at - 1] - policy[c][at - 1];
    for (let i = 0; i < FADE_FRAMES && at + i < total; i++)
      policy[c][at + i] += distance * (1 - (i + 1) / FADE_FRAMES);
    channel.set(policy[c].subarray(at, Math.min(total, at + FADE_FRAMES)), at);
  }
}
