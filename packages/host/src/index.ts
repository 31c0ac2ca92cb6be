export { type Duplicate, PluginCatalog } from "./catalog.ts";
export { CatalogEntry, type Origin, type Replacement, readManifest } from "./catalog-entry.ts";
export { createHost, type Host, type HostOptions } from "./container.ts";
export { contentHash, listing, type PackageFiles, packagePaths } from "./content-hash.ts";
export {
  type HostEventMap,
  HostEvents,
  type MeterEvent,
  type PlayPosition,
  type RenderProgress,
} from "./events.ts";
export { type FetchOptions, fetchPlugin } from "./fetch-plugin.ts";
export { hostOf, type LogSink, type PluginLog } from "./host-extensions.ts";
export type { PlayRequest } from "./live-job.ts";
export type { LoopRange } from "./live-messages.ts";
export type { LiveOutput, Underruns } from "./live-output.ts";
export { LivePlayer, type Worklet } from "./live-player.ts";
export { readCode } from "./load.ts";
export { HOST_EXTENSIONS, parseManifest } from "./manifest-text.ts";
export { didYouMean, nearestNames } from "./nearest.ts";
export { checkParam, checkParams, findParam, parseParam } from "./param-text.ts";
export type { Playing, PluginSupply, SwapOutcome } from "./playing.ts";
export { instantiate, type LoadOptions, type PluginCode } from "./plugin-code.ts";
export { type Installed, installPlugins, uninstallPlugin } from "./plugin-install.ts";
export {
  environmentPlugins,
  firstPartyFolder,
  type Machine,
  quarantineFile,
  stateFolder,
  userPluginFolder,
} from "./plugin-paths.ts";
export { ArchiveSource, FolderSource, type PluginSource } from "./plugin-source.ts";
export { PluginWatch } from "./plugin-watch.ts";
export { Quarantine, type QuarantineEntry } from "./quarantine.ts";
export { OfflineRenderer } from "./render.ts";
export {
  MAX_BLOCK_FRAMES,
  type NodeLatency,
  type Rendered,
  type RenderOutcome,
  type RenderRequest,
  type RenderSink,
  type RenderSource,
  type SourceStream,
  type StreamedSource,
} from "./render-request.ts";
export { type OtherContent, type Placeholder, renamedParams } from "./resolve-plugins.ts";
export type { StateReport } from "./running-graph.ts";
export { sharedChannel } from "./shared-channel.ts";
export { shortName } from "./short-names.ts";
