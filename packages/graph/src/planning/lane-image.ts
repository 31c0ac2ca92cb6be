/** Lanes as the engine's memory holds them (assembly/lane.ts). */
import { type AutomationLane, CURVES } from "../description/graph.ts";
import type { Arena } from "./arena.ts";

const POINT_BYTES = 24;
const LANE_BYTES = 24;

/** What silence is for the engine's gains; assembly/gain.ts closes a fader there. */
export const SILENCE_DB: number = -144;

/** Returns the address of the first, 0 for none. `lateFrames`: how late their node hears the song. */
export function writeLanes(
  arena: Arena,
  lanes: readonly AutomationLane[],
  params: readonly string[],
  lateFrames: number,
): number {
  if (lanes.length === 0) return 0;
  const at = arena.allocate(lanes.length * LANE_BYTES);
  for (const [k, lane] of lanes.entries()) {
    const points = arena.allocate(lane.points.length * POINT_BYTES);
    const numbers = arena.f64(points, (lane.points.length * POINT_BYTES) / 8);
    const words = arena.i32(points, (lane.points.length * POINT_BYTES) / 4);
    for (const [i, point] of lane.points.entries()) {
      numbers[(i * POINT_BYTES) / 8] = point.frame;
      numbers[(i * POINT_BYTES) / 8 + 1] = point.value ?? SILENCE_DB;
      words[(i * POINT_BYTES) / 4 + 4] = CURVES.indexOf(point.curve);
    }
    arena.f64(at + k * LANE_BYTES, 1)[0] = lateFrames;
    arena.i32(at + k * LANE_BYTES + 8, 4).set([points, lane.points.length, 0, params.indexOf(lane.param)]);
  }
  return at;
}
