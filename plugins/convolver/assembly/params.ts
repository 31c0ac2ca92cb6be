// Places of the parameters in plugin.json.
export const SPACE: i32 = 0;
export const DECAY_PERCENT: i32 = 1;
export const PRE_DELAY_MS: i32 = 2;
export const CROSS_PERCENT: i32 = 3;
export const LOW_CUT_HZ: i32 = 4;
export const HIGH_CUT_HZ: i32 = 5;
export const WIDTH_PERCENT: i32 = 6;
export const GAIN_DB: i32 = 7;
export const MIX_PERCENT: i32 = 8;
export const PARAMS: i32 = 9;

/** The choice of `space` that takes the response of the state, and the ends at which the filters are off. */
export const OWN: i32 = 8;
export const LOW_CUT_OFF_HZ: f64 = 20;
export const HIGH_CUT_OFF_HZ: f64 = 20000;
export const LONGEST_PRE_DELAY_MS: f64 = 250;

// Ports are counted through inputs, then outputs.
export const IN: i32 = 0;
export const OUT: i32 = 1;
