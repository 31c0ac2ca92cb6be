/**
 * Carries out what the control side orders, on the thread that plays, and sounds meanwhile. Plans are made on the other
 * side; here plugins are activated, one for each order, so that blocks can be rendered between two of them.
 */
import type { PluginLog } from "../loading/host-extensions.ts";
import { SharedCallWatch } from "../running/call-watch.ts";
import { toPlainError } from "../running/error-crossing.ts";
import { LiveEngine } from "./live-engine.ts";
import { LiveGraph } from "./live-graph.ts";
import type { Answer, GraphChange, LiveJob, LiveOrder } from "./live-messages.ts";
import type { TellTransferring } from "./live-post.ts";
import { LiveRack } from "./live-rack.ts";
import type { LiveSetup } from "./live-setup.ts";

/** What is there once a song was opened. */
interface Opened {
  readonly job: LiveJob;
  readonly setup: LiveSetup;
  readonly rack: LiveRack;
}

export class LiveStage {
  readonly #maxFrames: number;
  readonly #tell: TellTransferring;
  #opened: Opened | undefined;
  #graph: LiveGraph | undefined;
  #live: LiveEngine | undefined;
  /** Code is loaded by and by; what needs it waits for its turn. */
  #turn: Promise<void> = Promise.resolve();

  constructor(maxFrames: number, tell: TellTransferring) {
    this.#maxFrames = maxFrames;
    this.#tell = tell;
  }

  /** [control, between blocks] Every failure is told. What moves the song does not wait for code to be loaded. */
  carryOut(order: LiveOrder): void {
    switch (order.kind) {
      case "open":
        this.#open(order.job);
        break;
      case "levels":
        this.#live?.takeBack(order.buffer);
        break;
      case "set":
        this.#graph?.set(order.node, order.param, order.value);
        break;
      case "source":
        this.#live?.give(order.input, order.channels);
        break;
      case "withdraw":
        this.#turn = this.#turn.then(() => this.#withdraw());
        break;
      case "load":
        this.#inTurn(order.id, async ({ rack }) => {
          await rack.load(order.code, order.content);
          return { of: "load" };
        });
        break;
      case "activate":
        this.#inTurn(order.id, ({ rack }) => ({
          of: "activate",
          activated: rack.activate(order.wanted),
        }));
        break;
      case "change":
        this.#inTurn(order.id, (opened) => this.#change(opened, order.id, order.change));
        break;
      default:
        this.#live?.obey(order);
    }
  }

  /** [audio] Writes the next block to every channel; silence before and after the song. `currentFrame` is the context's. */
  render(channels: readonly Float32Array[], currentFrame: number): void {
    if (this.#live) this.#live.render(channels, currentFrame);
    else for (let c = 0; c < channels.length; c++) channels[c].fill(0);
  }

  #open(job: LiveJob): void {
    const { engine, output, sampleRateHz } = job;
    const watch = new SharedCallWatch(job.watched);
    const setup = {
      engine,
      output,
      sampleRateHz,
      watch,
      maxFrames: this.#maxFrames,
      mode: "realtime",
    } as const;
    const log = { emit: (_: "log", said: PluginLog) => this.#tell({ kind: "log", said }, []) };
    this.#opened = { job, setup, rack: new LiveRack(setup, watch, log) };
  }

  /** The first begins the song. */
  #change({ job, setup, rack }: Opened, id: number, change: GraphChange): Answer | undefined {
    if (this.#live) {
      this.#live.change(id, change);
      return undefined;
    }
    this.#graph = new LiveGraph(setup, rack, change, (message) => this.#tell(message, []));
    this.#live = new LiveEngine(job, this.#graph, this.#tell);
    return { of: "change", frame: job.fromFrame };
  }

  /** What was made for a change that is not to be is let go. */
  #withdraw(): void {
    if (this.#graph) this.#graph.withdraw();
    else this.#opened?.rack.keep([]);
  }

  /** Undefined is answered later. */
  #inTurn(id: number, work: (opened: Opened) => Answer | undefined | Promise<Answer>): void {
    this.#turn = this.#turn.then(async () => {
      try {
        const answer = await work(this.#opened!);
        if (answer) this.#tell({ kind: "done", id, answer }, []);
      } catch (error) {
        this.#tell({ kind: "refused", id, error: toPlainError(error) }, []);
      }
    });
  }
}
