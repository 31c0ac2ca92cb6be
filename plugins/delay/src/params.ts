/** Places of the parameters in plugin.json. */
export const CLOCK = 0;
export const TIME_MS = 1;
export const NOTE = 2;
export const TEMPO_BPM = 3;
export const MODE = 4;
export const FEEDBACK_PERCENT = 5;
export const LOW_CUT_HZ = 6;
export const HIGH_CUT_HZ = 7;
export const WIDTH_PERCENT = 8;
export const DEPTH_MS = 9;
export const RATE_HZ = 10;
export const DUCK_DB = 11;
export const MIX_PERCENT = 12;
