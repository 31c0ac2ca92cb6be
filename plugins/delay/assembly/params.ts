// Places of the parameters in plugin.json.
export const CLOCK: i32 = 0;
export const TIME_MS: i32 = 1;
export const NOTE: i32 = 2;
export const TEMPO_BPM: i32 = 3;
export const MODE: i32 = 4;
export const FEEDBACK_PERCENT: i32 = 5;
export const LOW_CUT_HZ: i32 = 6;
export const HIGH_CUT_HZ: i32 = 7;
export const WIDTH_PERCENT: i32 = 8;
export const DEPTH_MS: i32 = 9;
export const RATE_HZ: i32 = 10;
export const DUCK_DB: i32 = 11;
export const MIX_PERCENT: i32 = 12;
export const PARAMS: i32 = 13;

/** The ends at which the filters are off, and the deepest modulation, as in plugin.json. */
export const LOW_CUT_OFF_HZ: f64 = 20;
export const HIGH_CUT_OFF_HZ: f64 = 20000;
export const DEEPEST_MS: f64 = 10;

// Ports are counted through inputs, then outputs.
export const IN: i32 = 0;
export const OUT: i32 = 1;
