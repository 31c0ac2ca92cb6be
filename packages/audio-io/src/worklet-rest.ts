// A worklet module for Node alone. node-web-audio-api looks for blocks to render without a pause, for a whole core;
// half a millisecond of rest after each look costs a fifth of a block in time and frees that core.

const restMs = 0.5;
const never = new Int32Array(new SharedArrayBuffer(4));

function rest(): void {
  Atomics.wait(never, 0, 0, restMs);
  setImmediate(rest);
}

setImmediate(rest);

export {};
