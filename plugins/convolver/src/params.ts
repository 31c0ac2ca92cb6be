/** Places of the parameters in plugin.json. */
export const SPACE = 0;
export const DECAY_PERCENT = 1;
export const PRE_DELAY_MS = 2;
export const CROSS_PERCENT = 3;
export const LOW_CUT_HZ = 4;
export const HIGH_CUT_HZ = 5;
export const WIDTH_PERCENT = 6;
export const GAIN_DB = 7;
export const MIX_PERCENT = 8;

export const LOW_CUT_OFF_HZ = 20;
export const HIGH_CUT_OFF_HZ = 20_000;
export const LONGEST_PRE_DELAY_MS = 250;
