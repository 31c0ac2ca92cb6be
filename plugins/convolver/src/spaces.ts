/** The spaces, as what a room's drawing and its reverberation times say. The twin of assembly/spaces.ts. */

export interface Space {
  /** Width, length and height in m, and the reflectance of the walls; none for a plate. */
  readonly room?: { readonly extent: readonly number[]; readonly reflectance: number };
  /** From where to where reflections make way for noise. */
  readonly fadeMs: readonly [number, number];
  /** Energy of the reflections against the rest. */
  readonly earlyDb: number;
  /** T60 in s of the octaves at 63, 125, 250, 500, 1000, 2000, 4000, 8000 and 16000 Hz, for a decay of 100 %. */
  readonly decaysS: readonly number[];
}

/** In the order of the choices of the parameter `space`; the one after them is the user's own. */
export const SPACES: readonly Space[] = [
  // concert hall
  walled([24, 46, 18], 0.82, [25, 110], -4, [2.4, 2.3, 2.15, 2.05, 2.0, 1.8, 1.45, 1.05, 0.75]),
  // chamber hall
  walled([13, 21, 9], 0.8, [15, 80], -3, [1.5, 1.5, 1.45, 1.4, 1.35, 1.25, 1.05, 0.8, 0.55]),
  // cathedral
  walled([30, 85, 32], 0.88, [40, 160], -9, [6.0, 5.8, 5.5, 5.0, 4.5, 3.7, 2.75, 2.1, 1.6]),
  // church
  walled([15, 32, 12], 0.85, [25, 110], -6, [2.9, 2.9, 2.9, 2.8, 2.6, 2.2, 1.75, 1.3, 0.9]),
  // live room
  walled([11, 16, 6.5], 0.7, [8, 50], 0, [0.75, 0.72, 0.7, 0.68, 0.66, 0.62, 0.56, 0.48, 0.4]),
  // drum room
  walled([6.2, 7.9, 3.6], 0.75, [4, 30], 1, [0.42, 0.4, 0.39, 0.38, 0.38, 0.37, 0.35, 0.32, 0.28]),
  // echo chamber
  walled([4.4, 6.1, 3.3], 0.93, [3, 20], -8, [1.9, 1.8, 1.7, 1.6, 1.5, 1.35, 1.1, 0.8, 0.5]),
  // plate
  { fadeMs: [0, 4], earlyDb: 0, decaysS: [2.6, 2.6, 2.5, 2.4, 2.3, 2.1, 1.8, 1.4, 1.0] },
];

function walled(
  extent: readonly number[],
  reflectance: number,
  fadeMs: readonly [number, number],
  earlyDb: number,
  decaysS: readonly number[],
): Space {
  return { room: { extent, reflectance }, fadeMs, earlyDb, decaysS };
}

/** T60 in s at any frequency: level through three quarters of each octave, and on a straight line to the next. */
export function decayS({ decaysS }: Space, hz: number): number {
  const place = Math.min(8, Math.max(0, Math.log2(Math.max(hz, 1) / 63)));
  const below = Math.min(7, Math.floor(place));
  const way = Math.min(1, Math.max(0, 4 * (place - below) - 1.5));
  return decaysS[below] + way * (decaysS[below + 1] - decaysS[below]);
}

/** At 1 kHz. */
export function middleDecayS({ decaysS }: Space): number {
  return decaysS[4];
}
