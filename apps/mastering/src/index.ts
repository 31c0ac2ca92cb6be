export {
  type ChainInsert,
  type ChainSettings,
  chainGraph,
  INPUT,
  insertNode,
  OUTPUT,
} from "./chain-graph.ts";
export { type Delivered, type Delivery, deliver } from "./delivery.ts";
export { type MasterRequest, masterTracks, SilentTrackError } from "./master.ts";
export { type ChainLink, loadPreset, type MasteringPreset, presetNames } from "./preset.ts";
export type { GainTrace, MasteredTrack, Track } from "./track.ts";
