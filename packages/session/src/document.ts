/**
 * The session document: what a mixer keeps of a song, as plain data.
 *
 * Levels are in dB with null for silence, times in seconds from the song's start, pans from -1 to 1. Fields that
 * this version does not know are kept when a document is read and written again.
 */
import { CURVES, PAN_LAWS } from "@gainstage/graph";
import { cardProblems, MAX_STATE_BYTES, type PluginCard } from "@gainstage/plugin-api";
import * as v from "valibot";

export const FORMAT = "gainstage-session";

/** The version of the whole, and of each kind of record in it. A reader refuses what is newer than its own. */
export const FORMAT_VERSION = 1;
export const RECORD_VERSIONS: Readonly<Record<string, number>> = {
  strip: 1,
  bus: 1,
  master: 1,
  lane: 1,
  graph: 1,
};

const MAX_STRIPS = 4096;
const MAX_POINTS = 1_000_000;

const name = v.pipe(v.string(), v.maxLength(200));
/** Refers to a strip, a bus, an insert or a send; unique in the document. */
const id = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, "must be letters, digits, - and _"),
);
export const levelDb = v.nullable(v.pipe(v.number(), v.finite(), v.minValue(-200), v.maxValue(60)));
const gainDb = v.pipe(v.number(), v.finite(), v.minValue(-100), v.maxValue(60));
export const pan = v.pipe(v.number(), v.minValue(-1), v.maxValue(1));
const seconds = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(360_000));
const curve = v.picklist(CURVES);

/** What a plugin keeps beyond its parameters: its own bytes, kept as they are. */
const state = v.looseObject({
  version: v.pipe(v.number(), v.integer(), v.minValue(1)),
  bytes: v.pipe(
    v.instance(Uint8Array, "must be bytes"),
    v.check((bytes) => bytes.length <= MAX_STATE_BYTES, `must have at most ${MAX_STATE_BYTES} bytes`),
  ),
});

/** Ports, parameters and latency of the plugin, for where it cannot be had. */
const card = v.pipe(
  v.custom<PluginCard>((value) => typeof value === "object" && value !== null, "must be an object"),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    for (const { path, message } of cardProblems(dataset.value).slice(0, 3))
      addIssue({ message: `${path === "" ? "it" : path} ${message}` });
  }),
);

const insert = v.looseObject({
  id,
  /** The plugin's id, and the version whose sound this is. */
  plugin: v.pipe(v.string(), v.maxLength(200)),
  version: v.optional(v.pipe(v.string(), v.maxLength(200))),
  /** The content hash of the package that made the sound. */
  integrity: v.optional(
    v.pipe(v.string(), v.regex(/^sha256-[A-Za-z0-9+/]{43}=$/, "must be a hash as sha256-…")),
  ),
  enabled: v.optional(v.boolean(), true),
  /** Plain values, or ids of choices, by parameter id. */
  params: v.optional(v.record(v.string(), v.union([v.pipe(v.number(), v.finite()), v.string()])), {}),
  /** The strip or bus that feeds the plugin's sidechain, after its fader. */
  sidechain: v.optional(id),
  state: v.optional(state),
  card: v.optional(card),
});

const send = v.looseObject({
  id,
  to: id,
  levelDb,
  /** Before or after the fader. */
  tap: v.optional(v.picklist(["pre", "post"]), "post"),
  enabled: v.optional(v.boolean(), true),
});

/** What strips and buses share. */
const channel = {
  id,
  name,
  trimDb: v.optional(gainDb, 0),
  invert: v.optional(v.boolean(), false),
  inserts: v.optional(v.array(insert), []),
  pan: v.optional(pan, 0),
  faderDb: v.optional(levelDb, 0),
  mute: v.optional(v.boolean(), false),
  solo: v.optional(v.boolean(), false),
  sends: v.optional(v.array(send), []),
  /** A bus, or "master". */
  output: v.optional(id, "master"),
};

const strip = v.looseObject({
  ...channel,
  /** A path relative to the session's folder. Never fetched, and never outside it unless the user says so. */
  source: v.pipe(v.string(), v.nonEmpty("names no file"), v.maxLength(1000)),
  panLaw: v.optional(v.picklist(PAN_LAWS), "-3dB"),
});

const bus = v.looseObject({
  ...channel,
  /** A group gathers strips; a return holds an effect that sends feed. */
  kind: v.picklist(["group", "return"]),
});

const master = v.looseObject({
  inserts: v.optional(v.array(insert), []),
  faderDb: v.optional(levelDb, 0),
  /** The highest sample peak a mix may have, in dBFS; a louder one is turned down as a whole. Null leaves it. */
  peakDbfs: v.optional(v.nullable(v.pipe(v.number(), v.minValue(-60), v.maxValue(0))), -6),
});

const lane = v.looseObject({
  /** The strip, bus or "master" that owns what moves. */
  of: id,
  /** "faderDb", "pan", "SEND.levelDb" or "INSERT.PARAM". */
  param: v.pipe(v.string(), v.maxLength(200)),
  points: v.pipe(
    v.array(
      v.looseObject({
        at: seconds,
        value: v.nullable(v.pipe(v.number(), v.finite())),
        curve: v.optional(curve, "linear"),
      }),
    ),
    v.minLength(1),
    v.maxLength(MAX_POINTS),
  ),
});

/** The graph that a builder made of the rest, so that the song can be rendered without that builder. */
const derived = v.looseObject({
  builder: name,
  builderVersion: v.pipe(v.number(), v.integer(), v.minValue(1)),
  graph: v.looseObject({
    nodes: v.array(v.looseObject({ id: v.string(), kind: v.string() })),
    edges: v.array(v.looseObject({})),
    lanes: v.optional(v.array(v.looseObject({}))),
  }),
});

export const sessionSchema = v.looseObject({
  format: v.literal(FORMAT),
  formatVersion: v.pipe(v.number(), v.integer(), v.minValue(1)),
  types: v.record(v.string(), v.pipe(v.number(), v.integer(), v.minValue(1))),
  generator: v.optional(v.looseObject({ name, version: name })),
  title: name,
  /** Whole, as every audio file has it. */
  sampleRateHz: v.pipe(v.number(), v.integer(), v.minValue(8000), v.maxValue(768_000)),
  /** Default: as long as the longest source. */
  lengthSeconds: v.optional(seconds),
  /** Changes of tempo, the first at 0. Without it plugins are told of no tempo. */
  tempo: v.optional(
    v.pipe(
      v.array(v.looseObject({ at: seconds, bpm: v.pipe(v.number(), v.minValue(1), v.maxValue(999)) })),
      v.minLength(1),
      v.maxLength(MAX_POINTS),
    ),
  ),
  /** [6, 8] is 6/8. Default 4/4. */
  timeSignature: v.optional(
    v.tuple([
      v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(64)),
      v.picklist([1, 2, 4, 8, 16, 32]),
    ]),
  ),
  strips: v.pipe(v.array(strip), v.maxLength(MAX_STRIPS)),
  buses: v.optional(v.pipe(v.array(bus), v.maxLength(MAX_STRIPS)), []),
  master: v.optional(master, {}),
  lanes: v.optional(v.pipe(v.array(lane), v.maxLength(MAX_STRIPS * 16)), []),
  derived: v.optional(derived),
});

export type Session = v.InferOutput<typeof sessionSchema>;
/** What may be left out when a session is written by hand. */
export type SessionInput = v.InferInput<typeof sessionSchema>;
export type Strip = v.InferOutput<typeof strip>;
export type Bus = v.InferOutput<typeof bus>;
export type Master = v.InferOutput<typeof master>;
export type Insert = v.InferOutput<typeof insert>;
export type Send = v.InferOutput<typeof send>;
export type Lane = v.InferOutput<typeof lane>;
