/** The six spaces as a table, and their first reflections. The twin of assembly/spaces.ts, which says why. */

export interface Space {
  /** Shortest and longest line of the network, ms. */
  readonly linesMs: readonly [number, number];
  /** Longest all-pass, ms, and the gain of all of them. */
  readonly allPassMs: number;
  readonly allPassGain: number;
  /** Longest delay of the scattering, ms. */
  readonly scatterMs: number;
  /** Level of the scattered sound before the network has taken it up. */
  readonly onset: number;
  /** Width, length and height in m, and the reflectance of the walls; none for a plate. */
  readonly room?: { readonly extent: readonly [number, number, number]; readonly reflectance: number };
}

function space(
  linesMs: [number, number],
  [allPassMs, allPassGain]: [number, number],
  [scatterMs, onset]: [number, number],
  room?: Space["room"],
): Space {
  return { linesMs, allPassMs, allPassGain, scatterMs, onset, ...(room && { room }) };
}

/** In the order of the choices of the parameter `space`. */
export const SPACES: readonly Space[] = [
  space([29, 109], [9.7, 0.7], [29, 0.6], { extent: [22, 44, 17], reflectance: 0.86 }),
  space([19, 83], [6.7, 0.7], [19, 0.6], { extent: [11, 17, 8], reflectance: 0.88 }),
  space([13, 97], [4.9, 0.68], [17, 0.7]),
  space([7, 43], [3.7, 0.68], [11, 0.6], { extent: [5.1, 7.3, 3.1], reflectance: 0.72 }),
  space([11, 53], [5.3, 0.68], [13, 0.6], { extent: [14, 21, 8.5], reflectance: 0.66 }),
  space([41, 151], [12.7, 0.7], [43, 0.5], { extent: [24, 62, 26], reflectance: 0.9 }),
];

export const LINES = 16;
export const SEGMENT = 64;
const TAPS = 12;
const SPEED_OF_SOUND = 343;
const ALL_PASS_PARTS = [
  [0.23, 0.41, 0.67, 1],
  [0.27, 0.37, 0.71, 0.95],
];
/** Loudspeakers and microphones: across, along and above, in parts of the room. */
const SOURCES = [
  [0.37, 0.17, 0.17],
  [0.61, 0.16, 0.17],
];
const MICROPHONES = [
  [0.455, 0.6, 0.2],
  [0.535, 0.615, 0.21],
];

export interface Delays {
  /** [channel][stage] */
  readonly allPasses: readonly (readonly number[])[];
  /** [stage][line] */
  readonly scattering: readonly (readonly number[])[];
  readonly lines: readonly number[];
}

/** All delays in frames. All-passes and lines are distinct primes, no shorter than a segment. */
export function delaysOf({ linesMs, allPassMs, scatterMs }: Space, framesPerMs: number): Delays {
  const taken = new Set<number>();
  const prime = (ms: number) => {
    let frames = Math.max(Math.round(ms * framesPerMs), SEGMENT);
    while (!isPrime(frames) || taken.has(frames)) frames++;
    taken.add(frames);
    return frames;
  };
  const [shortest, longest] = linesMs;
  const spread = (line: number, section: number) => ((line + 1) * section) % 1;
  const golden = 0.6180339887498949;
  const plastic = 0.7548776662466927;
  const each = (delay: (line: number) => number) => Array.from({ length: LINES }, (_, line) => delay(line));
  return {
    allPasses: ALL_PASS_PARTS.map((parts) => parts.map((part) => prime(allPassMs * part))),
    scattering: [
      each((line) => Math.round(scatterMs * golden * spread(line, golden) * framesPerMs)),
      each((line) => Math.round(scatterMs * spread(line, plastic) * framesPerMs)),
    ],
    lines: each((line) => prime(shortest * (longest / shortest) ** (line / (LINES - 1)))),
  };
}

function isPrime(n: number): boolean {
  for (let d = 2; d * d <= n; d++) if (n % d === 0) return false;
  return true;
}

export interface Reflection {
  /** After the direct sound of the microphone's own side. */
  readonly delayMs: number;
  readonly gain: number;
  /** The loudspeaker, 0 left, 1 right. */
  readonly source: number;
}

/** The first reflections at a microphone, with unit energy together, in a room `scale` times its size. */
export function reflectionsOf({ room }: Space, scale: number, microphone: number): Reflection[] {
  if (!room) return [];
  const extent = room.extent.map((metres) => metres * scale);
  const place = (parts: readonly number[]) => parts.map((part, axis) => part * extent[axis]);
  const microphoneAt = place(MICROPHONES[microphone]);
  const distanceTo = (point: readonly number[]) =>
    Math.hypot(...point.map((x, axis) => x - microphoneAt[axis]));
  const direct = distanceTo(place(SOURCES[microphone]));
  const images = SOURCES.flatMap((source, index) =>
    imageOrders().map((orders) => {
      const position = place(source).map((x, axis) => image(orders[axis], x, extent[axis]));
      const distance = distanceTo(position);
      const order = orders.reduce((sum, n) => sum + Math.abs(n), 0);
      return {
        delayMs: (Math.max(0, distance - direct) / SPEED_OF_SOUND) * 1000,
        gain: (room.reflectance ** order * direct) / distance,
        source: index,
      };
    }),
  );
  const first = images.sort((a, b) => a.delayMs - b.delayMs).slice(0, TAPS);
  const energy = first.reduce((sum, { gain }) => sum + gain * gain, 0);
  return first.map((reflection) => ({ ...reflection, gain: reflection.gain / Math.sqrt(energy) }));
}

/** Reflections at each pair of walls and at the ceiling, up to four at a pair; (0, 0, 0) is the source itself. */
function imageOrders(): [number, number, number][] {
  const orders: [number, number, number][] = [];
  for (let x = -4; x <= 4; x++) {
    for (let y = -4; y <= 4; y++) for (let z = 0; z <= 1; z++) if (x || y || z) orders.push([x, y, z]);
  }
  return orders;
}

/** Coordinate of the image behind `order` walls along one axis: mirrored when the order is odd. */
function image(order: number, position: number, extent: number): number {
  return order % 2 === 0 ? order * extent + position : (order + 1) * extent - position;
}
