/** Faust's free texts for units, as the contract's units. */
import type { Unit } from "@gainstage/plugin-api";

const UNITS: Readonly<Record<string, Unit>> = {
  db: "dB",
  dbfs: "dBFS",
  dbtp: "dBTP",
  lufs: "LUFS",
  hz: "Hz",
  hertz: "Hz",
  s: "s",
  sec: "s",
  secs: "s",
  second: "s",
  seconds: "s",
  ms: "ms",
  msec: "ms",
  millisecond: "ms",
  milliseconds: "ms",
  samp: "frames",
  samples: "frames",
  frames: "frames",
  beat: "beats",
  beats: "beats",
  bpm: "bpm",
  ratio: "ratio",
  ":1": "ratio",
  "%": "percent",
  percent: "percent",
  st: "semitone",
  semitone: "semitone",
  semitones: "semitone",
  ct: "cent",
  cent: "cent",
  cents: "cent",
  deg: "degree",
  degree: "degree",
  degrees: "degree",
  "°": "degree",
};

/** "none" where there is no unit; undefined for one that the contract has not, such as "kHz". */
export function unitOf(text: string | undefined): Unit | undefined {
  const known = text?.trim().toLowerCase() ?? "";
  return known === "" ? "none" : UNITS[known];
}
