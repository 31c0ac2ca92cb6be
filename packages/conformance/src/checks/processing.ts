/** What one call of process() owes: all of its output, nothing of its input, and the truth about silence. */
import type { RunningProcessor } from "@gainstage/plugin-api";
import type { Case } from "../cases/case.ts";
import { CheckFailed } from "../cases/check-failed.ts";
import { optionalPorts, randomCases } from "../cases/random-cases.ts";
import { type Check, demand, NotRun } from "../check.ts";
import { allFinite, peakOf, sameBits, within } from "../measuring/compare.ts";
import { play, playOn, signalOf, withProcessor } from "../playing/play.ts";
import { noise } from "../playing/signals.ts";
import { runBlock, stream } from "../playing/stream.ts";
import { property } from "../property.ts";

const SIZES = [1, 2, 3, 4, 5, 7, 127, 128, 1000];

const writesAll = property({
  id: "P03",
  level: "must",
  title: "writes every frame of every output",
  listed: (manifest) =>
    SIZES.map((frames): Case => ({ frames, blocks: [frames], connected: optionalPorts(manifest) })),
  holds({ plugin }, given) {
    // stream() fills the outputs with NaN before each call.
    allFinite(play(plugin, given), `the output of ${given.frames} frames`);
  },
});

const CANARY = -12345.5;

const writesNoMore = property({
  id: "P04",
  level: "must",
  title: "writes neither its inputs nor its parameters, nor beyond the frames of the block",
  listed: (manifest) =>
    SIZES.map((frames): Case => ({ frames, blocks: [frames], connected: optionalPorts(manifest) })),
  holds({ plugin, manifest, wasm }, given) {
    const frames = given.frames ?? 1;
    withProcessor(plugin, given, (processor) => {
      const { block } = processor;
      const fed = block.inputs.map((port, p) =>
        port.map((channel, c) => noise(channel.length, 80 + 8 * p + c)),
      );
      for (const [p, port] of block.inputs.entries())
        for (const [c, channel] of port.entries()) channel.set(fed[p][c]);
      for (const port of block.outputs) for (const channel of port) channel.fill(CANARY);
      const params = block.params.slice();
      runBlock(processor, frames);
      for (const [p, port] of block.inputs.entries())
        sameBits(port, fed[p], `the input ${manifest.inputs[p].id}`);
      const changed = params.findIndex((value, i) => !Object.is(block.params[i], value));
      if (changed >= 0)
        throw new CheckFailed(
          `parameter ${manifest.params[changed].id} is ${block.params[changed]} after process(), ${params[changed]} before`,
        );
      // The memory behind a wasm plugin's outputs is its own.
      if (wasm) return;
      for (const port of block.outputs) {
        for (const [c, channel] of port.entries()) {
          const at = channel.subarray(frames).findIndex((x) => x !== CANARY);
          if (at >= 0)
            throw new CheckFailed(`channel ${c} is written at frame ${frames + at} of a block of ${frames}`);
        }
      }
    });
  },
});

const keepsNothing: Check = {
  id: "P05",
  level: "must",
  title: "keeps no array of a block beyond the call",
  run({ fresh, manifest, wasm, caseFrames }) {
    if (wasm) throw new NotRun("a wasm plugin's arrays are its own memory");
    const given: Case = { frames: caseFrames };
    const expected = play(fresh(), given);
    const actual = withProcessor(fresh(), given, (processor) =>
      playOn(processor, manifest, given, { onBlock: () => swapArrays(processor) }),
    );
    sameBits(actual, expected, "with other arrays at each call, and NaN in those of the last");
  },
};

/** New arrays with the old content; the old ones are spoilt. */
function swapArrays({ block }: RunningProcessor): void {
  for (const ports of [block.inputs, block.outputs]) {
    for (const port of ports) {
      for (const [c, channel] of port.entries()) {
        port[c] = channel.slice();
        channel.fill(Number.NaN);
      }
    }
  }
  const params = block.params;
  block.params = params.slice();
  params.fill(Number.NaN);
}

const silence = property({
  id: "P06",
  level: "must",
  title: "puts out exact zeros for silence, at any parameters",
  listed: () => [{ frames: 9600, signal: { kind: "silence" } }],
  random: (manifest) =>
    randomCases(manifest, { params: true, changes: true, song: true }).map((given) => ({
      ...given,
      signal: { kind: "silence" },
    })),
  runs: 15,
  holds({ plugin }, given) {
    const peak = peakOf(play(plugin, given));
    demand(peak === 0, `puts out ${peak} for silence`);
  },
});

const truthfulSilence = property({
  id: "P07",
  level: "must",
  title: "says that an output is silent only when it is",
  listed: () => [{}, { frames: 24_000, signal: { kind: "noise", until: 2000 } }],
  random: (manifest) =>
    randomCases(manifest, { params: true, blocks: true }).map((given) => ({
      ...given,
      frames: 6000,
      signal: { kind: "noise", until: 1500 },
    })),
  runs: 12,
  holds({ plugin, manifest }, given) {
    withProcessor(plugin, given, (processor) => {
      const { block } = processor;
      const onBlock = (_: number, done: number) => {
        for (const [p, port] of block.outputs.entries()) {
          for (const [c, channel] of port.entries()) {
            if (((block.silentOutputs[p] >>> c) & 1) === 0) continue;
            const sounding = channel.subarray(0, block.frames).findIndex((x) => x !== 0);
            if (sounding < 0) continue;
            throw new CheckFailed(
              `says that channel ${c} of ${manifest.outputs[p].id} is silent, which is ${channel[sounding]} at frame ${done - block.frames + sounding}`,
            );
          }
        }
      };
      playOn(processor, manifest, given, { onBlock, hints: true });
    });
  },
});

const hints = property({
  id: "P08",
  level: "must",
  title: "takes the host's word of silence as a hint: the same bits with it and without",
  listed: () => [{ frames: 24_000, signal: { kind: "noise", until: 2000 } }, { signal: { kind: "impulse" } }],
  random: (manifest) =>
    randomCases(manifest, { params: true, blocks: true }).map((given) => ({
      ...given,
      frames: 6000,
      signal: { kind: "noise", until: 1500 },
    })),
  runs: 15,
  holds({ plugin }, given) {
    sameBits(play(plugin, given, { hints: true }), play(plugin, given), "told which channels are silent");
  },
});

const dry: Check = {
  id: "P16",
  level: "must",
  title: "is, with its mix at the dry end, its input late by the latency, to the bit",
  run({ plugin, manifest, caseFrames }) {
    const mix = manifest.params.find((p) => p.role === "mix");
    if (!mix) throw new NotRun('no parameter has the role "mix"');
    const given: Case = { params: { [mix.id]: mix.min }, frames: Math.max(9600, caseFrames) };
    withProcessor(plugin, given, (processor) => {
      const input = signalOf(processor, given);
      const output = stream(processor, input);
      const late = processor.latencyFrames;
      const expected = input.map((channel) => {
        const delayed = new Float32Array(channel.length);
        delayed.set(channel.subarray(0, channel.length - late), late);
        return delayed;
      });
      within(output, expected, 0, `with ${mix.id} at ${mix.min}`);
    });
  },
};

export const PROCESSING_CHECKS: readonly Check[] = [
  writesAll,
  writesNoMore,
  keepsNothing,
  silence,
  truthfulSilence,
  hints,
  dry,
];
