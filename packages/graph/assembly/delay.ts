/** Whole-frame delay of up to two channels: latency compensation, and the delay node. [audio thread] */

@unmanaged
export class DelayLine {
  delayFrames: i32;
  /** Where the oldest frame is, and the next one goes. */
  head: i32;
  /** One ring of delayFrames samples a channel, one after the other. */
  rings: u32;
  channels: i32;
}

export function resetDelay(line: DelayLine): void {
  memory.fill(<usize>line.rings, 0, (<usize>line.delayFrames * <usize>line.channels) << 2);
  line.head = 0;
}

/** `to` and `from` are different buffers. */
export function runDelay(line: DelayLine, channels: i32, to: usize, from: usize, stride: usize, frames: i32): void {
  const length = line.delayFrames;
  let head = line.head;
  let done = 0;
  while (done < frames) {
    const run = min(frames - done, length - head);
    const bytes = <usize>run << 2;
    for (let c = 0; c < channels; c++) {
      const ring = <usize>line.rings + (<usize>(c * length + head) << 2);
      const at = <usize>c * stride + (<usize>done << 2);
      memory.copy(to + at, ring, bytes);
      memory.copy(ring, from + at, bytes);
    }
    head += run;
    if (head == length) head = 0;
    done += run;
  }
  line.head = head;
}
