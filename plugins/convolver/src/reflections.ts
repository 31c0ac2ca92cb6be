/** Image sources of a shoebox room (Allen & Berkley, JASA 65(4), 1979). The twin of assembly/reflections.ts. */
import { SPACES } from "./spaces.ts";

/** Loudspeakers and microphones of each side: across, along and above, in parts of the room. */
const SOURCES = [
  [0.37, 0.17, 0.17],
  [0.61, 0.16, 0.17],
];
const MICROPHONES = [
  [0.455, 0.6, 0.2],
  [0.535, 0.615, 0.21],
];
const SPEED_OF_SOUND = 343;
const LOWEST_HZ = 60;
const RING_MS = 20;

/** The reflections that reach a microphone within the cross-fade. Frame 0 is when the direct sound arrives. */
export function reflections(
  space: number,
  channel: number,
  sampleRateHz: number,
  frames: number,
): Float64Array {
  const taps = new Float64Array(frames);
  const { room, fadeMs } = SPACES[space];
  if (!room) return taps;
  const [fromMs, untilMs] = fadeMs;
  const distance = (orders: readonly number[]) => {
    const along = orders.map((order, axis) => {
      const length = room.extent[axis];
      const source = SOURCES[channel][axis] * length;
      const image = order % 2 === 0 ? order * length + source : (order + 1) * length - source;
      return image - MICROPHONES[channel][axis] * length;
    });
    return Math.hypot(...along);
  };
  const direct = distance([0, 0, 0]);
  const farthest = direct + (untilMs * SPEED_OF_SOUND) / 1000;
  const [reachX, reachY, reachZ] = room.extent.map((length) => Math.ceil(farthest / length));
  for (let nx = -reachX; nx <= reachX; nx++) {
    for (let ny = -reachY; ny <= reachY; ny++) {
      for (let nz = -reachZ; nz <= reachZ; nz++) {
        const order = Math.abs(nx) + Math.abs(ny) + Math.abs(nz);
        const metres = distance([nx, ny, nz]);
        const ms = (Math.max(0, metres - direct) / SPEED_OF_SOUND) * 1000;
        const frame = Math.round((ms / 1000) * sampleRateHz);
        if (order === 0 || ms >= untilMs || frame >= frames) continue;
        const fade = Math.cos((Math.PI / 2) * Math.max(0, (ms - fromMs) / (untilMs - fromMs)));
        taps[frame] += (room.reflectance ** order * direct * fade) / metres;
      }
    }
  }
  const end = Math.min(frames, Math.ceil(((untilMs + RING_MS) / 1000) * sampleRateHz));
  cutLows(taps.subarray(0, end), sampleRateHz);
  return taps;
}

/** Taps of one sign have too much below 60 Hz, which goes, as the paper does it. */
function cutLows(x: Float64Array, sampleRateHz: number): void {
  const pole = 1 - (2 * Math.PI * LOWEST_HZ) / sampleRateHz;
  let [before, y] = [0, 0];
  for (let i = 0; i < x.length; i++) {
    const now = x[i];
    y = now - before + pole * y;
    before = now;
    x[i] = y;
  }
}
