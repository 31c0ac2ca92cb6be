/** A plugin has its memory elsewhere, so it is reached through two imports. [audio thread] */
import { Lane, laneNextStep, laneStepValue } from "./lane";
import { allSound } from "./mix";
import { allZero, hush, isHushed, unhush } from "./silence";
import { frameHeard, heardUntil, jumpsOnTheWay, tell } from "./song";
import { Step } from "./step";

/**
 * Copies the frames from `offset` on into plugin `plugin`, runs it, and copies its outputs back. `silent` is true if all
 * its inputs are zero in all of them, `moved` if a parameter is another than at the call before; what it hears of the song lies
 * in the engine's memory (song.ts). True if it was at rest: then nothing was written, and zeros are meant.
 */
@external("host", "runPlugin")
declare function runPlugin(plugin: i32, offset: i32, frames: i32, silent: bool, moved: bool): bool;

/** An output of plugin `plugin` is beyond +60 dBFS or no number: the host may replace the block. */
@external("host", "unsound")
declare function unsound(plugin: i32, frames: i32): void;

/**
 * channels: number of output channels in all; to: table of their addresses, behind which are the number of input channels
 * and their addresses; from: index of the plugin; record: its parameters (f64), behind them what they were, and behind that how late
 * it hears the song; extra0, extra1: address and number of its lanes; extra2: number of parameters.
 * Parameters are constant during one call of a plugin, so the block is cut where a lane steps, and where the song jumps.
 */
export function runPluginStep(step: Step, frames: i32): void {
  const plugin = <i32>step.from;
  const lanes = <usize>step.extra0;
  const laneCount = step.extra1;
  const outputs = <usize>step.to;
  const inputs = outputs + (<usize>step.channels << 2);
  const late = load<f64>(<usize>step.record + (<usize>step.extra2 << 4));
  let rested = true;
  let done = 0;
  while (done < frames) {
    const onTheWay = jumpsOnTheWay(late, done);
    const now = frameHeard(onTheWay, late, done);
    let until = now + <f64>(heardUntil(onTheWay, late, frames) - done);
    for (let k = 0; k < laneCount; k++) {
      const lane = changetype<Lane>(lanes + <usize>k * offsetof<Lane>());
      store<f64>(<usize>step.record + (<usize>lane.param << 3), laneStepValue(lane, now));
      until = min(until, laneNextStep(lane, now));
    }
    const run = <i32>(until - now);
    tell(onTheWay, now);
    if (!runPlugin(plugin, done, run, isSilent(inputs, done, run), haveMoved(step))) {
      rested = false;
      for (let c = 0; c < step.channels; c++) unhush(channelAt(outputs, c));
    } else clear(outputs, step.channels, done, run, frames);
    done += run;
  }
  if (rested) return;
  for (let c = 0; c < step.channels; c++) {
    if (!allSound(channelAt(outputs, c), frames)) {
      unsound(plugin, frames);
      return;
    }
  }
}

function haveMoved(step: Step): bool {
  const params = <usize>step.record;
  const bytes = <usize>step.extra2 << 3;
  let moved = false;
  for (let i: usize = 0; i < bytes; i += 8) {
    const value = load<f64>(params + i);
    if (value == load<f64>(params + bytes + i)) continue;
    store<f64>(params + bytes + i, value);
    moved = true;
  }
  return moved;
}

// @ts-ignore: decorator
@inline function channelAt(table: usize, index: i32): usize {
  return <usize>load<u32>(table + (<usize>index << 2));
}

function clear(outputs: usize, channels: i32, offset: i32, run: i32, frames: i32): void {
  for (let c = 0; c < channels; c++) {
    const at = channelAt(outputs, c);
    if (run == frames) hush(at);
    else if (load<u32>(at - 4) == 0) memory.fill(at + (<usize>offset << 2), 0, <usize>run << 2);
  }
}

/** `table`: the number of channels, and their addresses. */
function isSilent(table: usize, offset: i32, frames: i32): bool {
  const end = table + ((1 + <usize>load<u32>(table)) << 2);
  for (table += 4; table < end; table += 4) {
    const channel = <usize>load<u32>(table);
    if (!isHushed(channel) && !allZero(channel + (<usize>offset << 2), frames)) return false;
  }
  return true;
}
