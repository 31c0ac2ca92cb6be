/** A plan in its memory with its plugins: what one block after the other is run through. */

import type { CompiledPlan } from "./compiled.ts";
import { HeardSong } from "./heard-song.ts";
import type { PlanMemory } from "./plan-memory.ts";
import type { ProcessorNode } from "./plugin-runner.ts";
import { PluginRunner } from "./plugin-runner.ts";
import type { CallWatch, RuntimeFault } from "./runtime-fault.ts";
import { type Ports, ShortRuns } from "./short-runs.ts";
import { SongClock } from "./song-clock.ts";

export interface RunningOptions {
  /** A processor for every plugin node, by node id, activated for at least the plan's blocks. */
  readonly processors: ReadonlyMap<string, ProcessorNode>;
  readonly onFault: (fault: RuntimeFault) => void;
  readonly watch?: CallWatch;
  readonly hangs?: ReadonlyMap<string, readonly number[]>;
}

export class RunningPlan {
  readonly compiled: CompiledPlan;
  readonly memory: PlanMemory;
  readonly inputs: Ports;
  readonly outputs: Ports;
  /** In the order in which the plan calls them. */
  readonly runners: readonly PluginRunner[];
  readonly runnerOf: ReadonlyMap<string, PluginRunner>;
  /** Where blocks are cut for what is fed back. */
  readonly runs: ShortRuns | undefined;

  /** [control] Places the plan in the memory. What `before` remembers goes on, by id. */
  constructor(compiled: CompiledPlan, memory: PlanMemory, options: RunningOptions, before?: RunningPlan) {
    this.compiled = compiled;
    this.memory = memory;
    const { image, maxFrames, longestRunFrames } = compiled;
    memory.place(image);
    if (before) carryRecords(this, before);

    const views = (channels: readonly number[]) => channels.map((at) => memory.f32(at, maxFrames));
    const ports = (addresses: CompiledPlan["inputs"]): Ports =>
      new Map([...addresses].map(([id, channels]) => [id, views(channels)]));
    const [inputs, outputs] = [ports(compiled.inputs), ports(compiled.outputs)];
    this.runs =
      longestRunFrames < maxFrames ? new ShortRuns(longestRunFrames, maxFrames, inputs, outputs) : undefined;
    this.inputs = this.runs?.inputs ?? inputs;
    this.outputs = this.runs?.outputs ?? outputs;

    const heard = new HeardSong(memory.heard);
    this.runners = compiled.plugins.map((plugin, index) => {
      const known = before?.runnerOf.get(idBefore(compiled, plugin.node) ?? "");
      // A node that is on its way out is in nobody's list any more.
      const node = options.processors.get(plugin.node) ?? known!.processorNode;
      requireRoom(plugin.node, node, maxFrames);
      const at = image.plugins[index];
      const params = memory.f64(at.paramsAt, plugin.paramIds.length);
      params.set(node.processor.block.params);
      // What they were at the call before, for the engine to see what moves.
      memory.f64(at.paramsAt + params.byteLength, params.length).set(params);
      const hangs = options.hangs?.get(plugin.node);
      const place = {
        node: plugin.node,
        index,
        inputs: at.inputs.map(views),
        outputs: at.outputs.map(views),
        params,
        sampleRateHz: compiled.sampleRateHz,
        onFault: options.onFault,
        heard,
        ...(compiled.song && { clock: new SongClock(compiled.song, compiled.sampleRateHz) }),
        ...(options.watch && { watch: options.watch }),
        ...(hangs && { hangs }),
        bypassed: plugin.bypassed,
      };
      if (known?.processorNode.processor !== node.processor) return new PluginRunner(node, place);
      known.move(place);
      return known;
    });
    this.runnerOf = new Map(this.runners.map((runner) => [runner.node, runner]));
  }
}

function carryRecords(plan: RunningPlan, before: RunningPlan): void {
  const old = new Map(
    before.compiled.image.records.map((record) => [`${record.kind} ${record.key}`, record]),
  );
  for (const record of plan.compiled.image.records) {
    const [node, ...port] = record.kind === "line" ? splitPort(record.key) : [record.key];
    const id = idBefore(plan.compiled, node);
    if (id === undefined) continue;
    const known = old.get(`${record.kind} ${[id, ...port].join(":")}`);
    if (known) plan.memory.carry(before.memory, known, record);
  }
}

/** A line is of a port, "node:port", or of a delay node; ids of ports have no colon. */
function splitPort(key: string): string[] {
  const colon = key.lastIndexOf(":");
  return colon < 0 ? [key] : [key.slice(0, colon), key.slice(colon + 1)];
}

function idBefore({ fresh, before }: CompiledPlan, node: string): string | undefined {
  return before.get(node) ?? (fresh.has(node) ? undefined : node);
}

/** Every port of a processor must hold a whole block: found here, since process() would fail far from the cause. */
function requireRoom(id: string, { processor }: ProcessorNode, maxFrames: number): void {
  for (const channel of [...processor.block.inputs, ...processor.block.outputs].flat()) {
    if (channel.length >= maxFrames) continue;
    throw new RangeError(
      `node "${id}": its processor was activated for blocks of ${channel.length} frames, the engine has ${maxFrames}; activate it with maxFrames ${maxFrames}`,
    );
  }
}
