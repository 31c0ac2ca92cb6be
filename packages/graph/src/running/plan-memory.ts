/** One instance of the engine's WebAssembly, and the plan that lies in its memory. */
import type { PlanImage, RecordImage } from "../planning/plan-image.ts";
import { BASE } from "../planning/plan-room.ts";

interface EngineExports {
  readonly memory: WebAssembly.Memory;
  heap_base(): number;
  load_plan(
    at: number,
    count: number,
    strideBytes: number,
    channelBytes: number,
    scratchAt: number,
    rampFrames: number,
    silenceAt: number,
    silentChannels: number,
  ): void;
  load_inputs(at: number, count: number): void;
  pass_over(does: number): void;
  song_at(): number;
  song_bytes(): number;
  heard_at(): number;
  set_transport(playing: number, loopStart: number, loopEnd: number): void;
  seek(frame: number): void;
  reset(): void;
  run(frames: number): void;
}

/** What the plan calls for its plugins. */
export interface PluginCalls {
  /** 1 if the plugin was at rest. */
  runPlugin(plugin: number, offset: number, frames: number, silent: number, moved: number): number;
  unsound(plugin: number, frames: number): void;
}

const PAGE_BYTES = 65_536;
/** Of Heard in assembly/song.ts. */
const HEARD_FIELDS = 4;
/** Offsets of Gain, Pan and Line in assembly/. */
const GAIN = { polarity: 8, knownDb: 32, carriedFrom: 16, carriedTo: 44 };
const PAN = { carriedFrom: 8, carriedTo: 24, rampLeft: 28 };

export class PlanMemory {
  readonly #exports: EngineExports;

  constructor(module: WebAssembly.Module, host: PluginCalls) {
    const imports = { host: { ...host } };
    this.#exports = new WebAssembly.Instance(module, imports).exports as unknown as EngineExports;
    if (this.#exports.heap_base() > BASE)
      throw new RangeError("the engine's own data reaches into its plans");
  }

  /** [control] A plan in the place of the one before, as it is at the song's first frame. Earlier views are void. */
  place(image: PlanImage): void {
    const { memory } = this.#exports;
    const bytes = image.contentAt + image.content.length;
    const missing = bytes - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
    const all = new Uint8Array(memory.buffer);
    all.fill(0, BASE, image.contentAt);
    all.set(image.content, image.contentAt);
    this.#exports.load_plan(
      image.programAt,
      image.steps,
      image.strideBytes,
      image.channelBytes,
      image.scratchAt,
      image.rampFrames,
      image.silenceAt,
      image.silentChannels,
    );
    this.#exports.load_inputs(image.inputTableAt, image.inputChannels);
    this.#exports.reset();
  }

  /** [control] What a record remembers goes on in another plan; of what differs in shape, nothing. */
  carry(from: PlanMemory, old: RecordImage, now: RecordImage): void {
    if (old.kind !== now.kind) return;
    switch (now.kind) {
      case "gain":
        this.#copy(
          from,
          old.at + GAIN.carriedFrom,
          now.at + GAIN.carriedFrom,
          GAIN.carriedTo - GAIN.carriedFrom,
        );
        // Another polarity is another gain: it is ramped to.
        if (from.f64(old.at + GAIN.polarity, 1)[0] !== this.f64(now.at + GAIN.polarity, 1)[0])
          this.f64(now.at + GAIN.knownDb, 1)[0] = Number.NaN;
        return;
      case "pan":
        this.#copy(from, old.at + PAN.carriedFrom, now.at + PAN.carriedFrom, PAN.carriedTo - PAN.carriedFrom);
        this.#copy(from, old.at + PAN.rampLeft, now.at + PAN.rampLeft, 4);
        return;
      case "meter":
        if (old.bytes === now.bytes) this.#copy(from, old.at, now.at, now.bytes);
        return;
      case "line":
        this.#carryLine(from, old.at, now.at);
    }
  }

  f32(at: number, count: number): Float32Array {
    return new Float32Array(this.#exports.memory.buffer, at, count);
  }

  f64(at: number, count: number): Float64Array {
    return new Float64Array(this.#exports.memory.buffer, at, count);
  }

  /** [control] False to compute silence as if it were sound. */
  passOver(does: boolean): void {
    this.#exports.pass_over(does ? 1 : 0);
  }

  /** [control] Where the song is, and the jumps that are on their way, go on here as they were there. */
  carrySong(from: PlanMemory): void {
    this.#copy(from, from.#exports.song_at(), this.#exports.song_at(), this.#exports.song_bytes());
  }

  /** What the plugin that is being called hears of the song, see HeardSong. Void after place(). */
  get heard(): Float64Array {
    return this.f64(this.#exports.heard_at(), HEARD_FIELDS);
  }

  /** [control] */
  setTransport(playing: boolean, loopStart: number, loopEnd: number): void {
    this.#exports.set_transport(playing ? 1 : 0, loopStart, loopEnd);
  }

  /** [audio] */
  seek(frame: number): void {
    this.#exports.seek(frame);
  }

  /** [audio] */
  reset(): void {
    this.#exports.reset();
  }

  /** [audio] */
  run(frames: number): void {
    this.#exports.run(frames);
  }

  #i32(at: number, count: number): Int32Array {
    return new Int32Array(this.#exports.memory.buffer, at, count);
  }

  #copy(from: PlanMemory, source: number, target: number, bytes: number): void {
    const read = new Uint8Array(from.#exports.memory.buffer, source, bytes);
    new Uint8Array(this.#exports.memory.buffer, target, bytes).set(read);
  }

  /** The latest frames that both have room for, with the newest at the ring's end. */
  #carryLine(from: PlanMemory, oldAt: number, nowAt: number): void {
    const [oldFrames, head, oldRings, oldChannels, oldSilent] = from.#i32(oldAt, 5);
    const now = this.#i32(nowAt, 5);
    const [frames, , rings, channels] = now;
    if (channels !== oldChannels) return;
    const kept = Math.min(oldFrames, frames);
    for (let c = 0; c < channels; c++) {
      const source = from.f32((oldRings >>> 0) + c * oldFrames * 4, oldFrames);
      const target = this.f32((rings >>> 0) + c * frames * 4, frames);
      for (let i = 0; i < kept; i++)
        target[frames - kept + i] = source[(head - kept + i + oldFrames) % oldFrames];
    }
    now[4] = oldSilent >= kept ? frames : oldSilent;
  }
}
