/**
 * The spaces, as what a room's drawing and its reverberation times say. All times are for a decay of 100 %.
 *
 * A response is two things that cross-fade: the image sources of a shoebox room (reflections.ts), and noise whose every
 * octave decays at its own rate (late.ts), as J. A. Moorer found concert halls to sound ("About this reverberation
 * business", Computer Music Journal 3(2), 1979). A plate has no walls, and no reflections.
 */

/**
 * width, length, height m | reflectance of the walls | cross-fade from, to ms | energy of the reflections against the
 * rest, dB | T60 in s of the octaves at 63, 125, 250, 500, 1000, 2000, 4000, 8000 and 16000 Hz
 */
const COLUMNS: i32 = 16;
const SPACES = memory.data<f64>([
  24, 46, 18, 0.82, 25, 110, -4, 2.4, 2.3, 2.15, 2.05, 2.0, 1.8, 1.45, 1.05, 0.75, // concert hall
  13, 21, 9, 0.8, 15, 80, -3, 1.5, 1.5, 1.45, 1.4, 1.35, 1.25, 1.05, 0.8, 0.55, // chamber hall
  30, 85, 32, 0.88, 40, 160, -9, 6.0, 5.8, 5.5, 5.0, 4.5, 3.7, 2.75, 2.1, 1.6, // cathedral
  15, 32, 12, 0.85, 25, 110, -6, 2.9, 2.9, 2.9, 2.8, 2.6, 2.2, 1.75, 1.3, 0.9, // church
  11, 16, 6.5, 0.7, 8, 50, 0, 0.75, 0.72, 0.7, 0.68, 0.66, 0.62, 0.56, 0.48, 0.4, // live room
  6.2, 7.9, 3.6, 0.75, 4, 30, 1, 0.42, 0.4, 0.39, 0.38, 0.38, 0.37, 0.35, 0.32, 0.28, // drum room
  4.4, 6.1, 3.3, 0.93, 3, 20, -8, 1.9, 1.8, 1.7, 1.6, 1.5, 1.35, 1.1, 0.8, 0.5, // echo chamber
  1, 1, 1, 0, 0, 4, 0, 2.6, 2.6, 2.5, 2.4, 2.3, 2.1, 1.8, 1.4, 1.0, // plate
]);

const WALLS: i32 = 3;
const FADE: i32 = 4;
const EARLY_DB: i32 = 6;
const DECAYS: i32 = 7;
const OCTAVES: i32 = 9;
const LOWEST_OCTAVE_HZ: f64 = 63;
/** The octave at 1 kHz. */
const MIDDLE: i32 = 4;

// @ts-ignore: decorator
@inline function column(space: i32, index: i32): f64 {
  return load<f64>(SPACES + (<usize>(space * COLUMNS + index) << 3));
}

/** Metres along an axis: 0 across, 1 along, 2 up. */
export function extent(space: i32, axis: i32): f64 {
  return column(space, axis);
}

/** 0 where there are no walls. */
export function reflectance(space: i32): f64 {
  return column(space, WALLS);
}

/** Where reflections begin to make way for noise, and where they have. */
export function fadeFromMs(space: i32): f64 {
  return column(space, FADE);
}

export function fadeToMs(space: i32): f64 {
  return column(space, FADE + 1);
}

export function earlyDb(space: i32): f64 {
  return column(space, EARLY_DB);
}

export function middleDecayS(space: i32): f64 {
  return column(space, DECAYS + MIDDLE);
}

export function longestDecayS(space: i32): f64 {
  let longest: f64 = 0;
  for (let octave = 0; octave < OCTAVES; octave++) longest = max<f64>(longest, column(space, DECAYS + octave));
  return longest;
}

/** T60 in s at any frequency: level through three quarters of each octave, and on a straight line to the next. */
export function decayS(space: i32, hz: f64): f64 {
  const place = min<f64>(OCTAVES - 1, max<f64>(0, Math.log(max<f64>(hz, 1) / LOWEST_OCTAVE_HZ) / Math.LN2));
  const below = min(OCTAVES - 2, <i32>Math.floor(place));
  const way = min<f64>(1, max<f64>(0, 4 * (place - below) - 1.5));
  const from = column(space, DECAYS + below);
  return from + way * (column(space, DECAYS + below + 1) - from);
}
