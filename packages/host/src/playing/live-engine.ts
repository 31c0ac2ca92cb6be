/**
 * A song as it is played: block after block of the sources through a graph that may become another meanwhile,
 * played and stopped, sought and looped.
 *
 *   sources ─ from the playhead ─▶ graph ─ latency ─▶ fade ─▶ heard
 *
 * It runs in the AudioWorklet and knows nothing of it. The latency is run through before the first block is heard, so
 * that the song's first frame is the first that sounds, and so that the same samples come out as from a render.
 *
 * stop()  fades out in 5 ms and then runs nothing; what was ringing stands still with it. play() fades in where it stopped, and
 *         after the fade every bit is as if the song had not stopped.
 * seek()  fades out, forgets what was ringing, and runs the latency unheard, a block at a time and in silence, so that no
 *         block costs more than another; then the frame sought is the first to be heard, faded in unless it is the song's
 *         first. After the fade it is the song played from that frame on with nothing before it.
 * loop()  changes what is fed and nothing else: after the frame before `endFrame` comes `startFrame`, wherever in a block that
 *         is, and tails ring on over it. Automation and transport of every node jump
 *         when that frame arrives there.
 */
import { Fade } from "./live-fade.ts";
import type { LiveGraph } from "./live-graph.ts";
import { LiveListener } from "./live-listener.ts";
import type { GraphChange, LiveJob, LoopRange, TransportOrder } from "./live-messages.ts";
import { Playhead } from "./live-playhead.ts";
import type { TellTransferring } from "./live-post.ts";
import { LiveSources } from "./live-sources.ts";

const FADE_SECONDS = 0.005;
const NOWHERE = -1;

export class LiveEngine {
  readonly #job: LiveJob;
  readonly #graph: LiveGraph;
  readonly #sources: LiveSources;
  readonly #playhead: Playhead;
  readonly #fade: Fade;
  readonly #listener: LiveListener;
  #isPlaying = true;
  #isOver = false;
  /** Where to, once the fade has closed. */
  #sought = NOWHERE;
  /** Frames of the latency that are still to be run unheard. */
  #unheard = 0;
  /** The frame up to which something certainly sounds, before the latency. */
  #sounding: number;

  /** [control] Tells that the song begins. */
  constructor(job: LiveJob, graph: LiveGraph, tell: TellTransferring) {
    this.#job = job;
    this.#graph = graph;
    this.#sources = new LiveSources(job.sources, job.sourceFrames);
    this.#playhead = new Playhead(job.fromFrame);
    this.#playhead.loop(job.loop);
    graph.tellLoop(job.loop);
    this.#fade = new Fade(Math.max(1, Math.round(FADE_SECONDS * job.sampleRateHz)));
    this.#listener = new LiveListener(job, graph, tell);
    this.#sounding = this.#certainlySounding;
    this.#goTo(job.fromFrame);
    while (this.#unheard > 0) this.#runUnheard(graph.maxFrames);
    tell({ kind: "playing", latencyFrames: graph.latencyFrames }, []);
  }

  /**
   * [audio] Writes the next block to every channel; silence while nothing plays and once the song is over. `currentFrame` counts
   * the frames of the audio context.
   */
  render(channels: readonly Float32Array[], currentFrame: number): void {
    const frames = channels[0].length;
    this.#listener.block(currentFrame, frames);
    for (let at = 0; at < frames; ) at += this.#stretch(channels, at, frames - at);
    this.#tend();
    this.#listener.heard(channels, frames);
    if (this.#isOver) this.#listener.end(this.#heard, this.#isPlaying);
    else this.#listener.report(this.#heard, this.#isPlaying);
  }

  /** [control, between blocks] Without an effect once the song is over. */
  obey(order: TransportOrder): void {
    if (this.#isOver) return;
    switch (order.kind) {
      case "play":
        this.#isPlaying = true;
        if (this.#sought === NOWHERE && this.#unheard === 0) this.#begin();
        break;
      case "stop":
        this.#isPlaying = false;
        this.#fade.close();
        break;
      case "seek":
        this.#seek(order.frame);
        break;
      case "loop":
        this.#loop(order.range);
        break;
    }
  }

  /** [control, between blocks] The graph to go to, when the one before is all that is heard. Told as "done" when it is. */
  change(id: number, change: GraphChange): void {
    const latency = this.#graph.latencyFrames;
    this.#graph.change(id, change);
    this.#minded(latency);
  }

  /** [control, between blocks] What an input is fed from now on; it may come before the input does. */
  give(input: string, channels: readonly Float32Array[]): void {
    this.#sources.give(input, channels);
    this.#sounding = Math.max(this.#sounding, this.#certainlySounding);
  }

  /** [control, between blocks] A buffer of levels that was read. */
  takeBack(buffer: ArrayBuffer): void {
    this.#listener.takeBack(buffer);
  }

  /** The song's frame that is heard next. */
  get #heard(): number {
    return this.#playhead.heard(this.#graph.latencyFrames) + this.#unheard;
  }

  /** The first frame that is not heard any more. */
  get #end(): number {
    return this.#job.frames + this.#job.tailFrames;
  }

  get #certainlySounding(): number {
    return Math.max(this.#job.frames, this.#sources.lastFrame);
  }

  /** As many frames, `most` at the most, as nothing changes in; returns how many. */
  #stretch(channels: readonly Float32Array[], at: number, most: number): number {
    if (this.#isOver || (!this.#isPlaying && this.#fade.isClosed)) {
      this.#graph.settle(this.#heard);
      silence(channels, at, most);
      return most;
    }
    if (this.#unheard > 0) {
      const frames = this.#runUnheard(most);
      silence(channels, at, frames);
      return frames;
    }
    const heard = this.#heard;
    const untilJump = this.#playhead.untilHeardJump(this.#graph.latencyFrames);
    const frames = Math.min(most, this.#playhead.untilWrap, untilJump, this.#fade.framesLeft);
    this.#run(frames);
    const { output } = this.#graph;
    const sounding = Math.min(frames, Math.max(0, this.#end - heard));
    for (let c = 0; c < channels.length; c++) {
      const from = output[Math.min(c, output.length - 1)];
      for (let i = 0; i < sounding; i++) channels[c][at + i] = from[i];
      if (sounding < frames) channels[c].fill(0, at + sounding, at + frames);
    }
    this.#fade.apply(channels, at, frames);
    if (this.#fade.isClosed && this.#sought !== NOWHERE) this.#goTo(this.#sought);
    return frames;
  }

  #seek(frame: number): void {
    if (this.#fade.isClosed) {
      this.#goTo(frame);
      return;
    }
    this.#sought = frame;
    this.#fade.close();
  }

  #loop(range: LoopRange | undefined): void {
    this.#playhead.loop(range);
    this.#graph.tellLoop(range);
    if (!range || this.#sought !== NOWHERE) return;
    // Its end is fed already and not heard yet: too late to wrap there.
    const isMissed = this.#heard < range.endFrame && this.#playhead.fed >= range.endFrame;
    if (isMissed) this.#seek(range.startFrame);
  }

  /** Nothing is heard; the song goes on from `frame`. */
  #goTo(frame: number): void {
    this.#sought = NOWHERE;
    this.#playhead.restart(frame);
    this.#graph.restart(frame);
    this.#sounding = this.#certainlySounding;
    this.#unheard = this.#graph.latencyFrames;
    if (this.#unheard === 0) this.#begin();
  }

  /** Part of the latency, at most so many frames. */
  #runUnheard(most: number): number {
    const frames = Math.min(most, this.#unheard, this.#playhead.untilWrap);
    this.#run(frames);
    this.#unheard -= frames;
    if (this.#unheard === 0) this.#begin();
    return frames;
  }

  /** The latency has passed: sounds if it plays. What the song itself begins with is heard as it is. */
  #begin(): void {
    if (!this.#isPlaying) return;
    if (this.#heard === 0) this.#fade.openAtOnce();
    else this.#fade.open();
  }

  /** What is not for the middle of a block: what failed is built anew, and an edit goes on. */
  #tend(): void {
    const latency = this.#graph.latencyFrames;
    this.#graph.tend(this.#heard);
    this.#minded(latency);
  }

  /** The latency may have been another one: what is still to be run unheard is more or less by that. */
  #minded(latencyBefore: number): void {
    if (this.#unheard > 0) this.#unheard += this.#graph.latencyFrames - latencyBefore;
  }

  /** Up to the loop's end at most. */
  #run(frames: number): void {
    this.#sources.feed(this.#graph.inputs, this.#playhead.fed, frames);
    this.#graph.run(frames);
    if (this.#playhead.advance(frames)) this.#graph.seek(this.#playhead.fed);
    const { latencyFrames, isSilent, isSettled, delayFrames } = this.#graph;
    const { fed } = this.#playhead;
    const heard = this.#playhead.heard(latencyFrames);
    if (!isSilent) this.#sounding = Math.max(this.#sounding, fed);
    const hasRungOut = isSilent && isSettled && fed >= this.#sounding + latencyFrames + delayFrames;
    this.#isOver = this.#sought === NOWHERE && (heard >= this.#end || hasRungOut);
  }
}

function silence(channels: readonly Float32Array[], at: number, frames: number): void {
  for (let c = 0; c < channels.length; c++) channels[c].fill(0, at, at + frames);
}
