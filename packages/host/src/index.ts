export { type Duplicate, PluginCatalog } from "./catalog/catalog.ts";
export { CatalogEntry, type Origin, type Replacement, readManifest } from "./catalog/catalog-entry.ts";
export {
  environmentPlugins,
  firstPartyFolder,
  type Machine,
  quarantineFile,
  stateFolder,
  userPluginFolder,
} from "./catalog/plugin-paths.ts";
export { PluginWatch } from "./catalog/plugin-watch.ts";
export { createHost, type Host, type HostOptions } from "./container.ts";
export {
  type HostEventMap,
  HostEvents,
  type MeterEvent,
  type PlayPosition,
  type RenderProgress,
} from "./events.ts";
export { type FetchOptions, fetchPlugin } from "./loading/fetch-plugin.ts";
export { hostOf, type LogSink, type PluginLog } from "./loading/host-extensions.ts";
export { readCode } from "./loading/load.ts";
export { instantiate, type LoadOptions, type PluginCode } from "./loading/plugin-code.ts";
export { type Installed, installPlugins, uninstallPlugin } from "./loading/plugin-install.ts";
export type { EditOutcome, StateReport } from "./playing/live-edits.ts";
export type { PlayRequest } from "./playing/live-job.ts";
export type { LoopRange } from "./playing/live-messages.ts";
export type { LiveOutput, Underruns } from "./playing/live-output.ts";
export { LivePlayer, type Worklet } from "./playing/live-player.ts";
export type { LiveValue } from "./playing/live-values.ts";
export type { Playing, PluginSupply } from "./playing/playing.ts";
export { contentHash, listing, type PackageFiles, packagePaths } from "./reading/content-hash.ts";
export { HOST_EXTENSIONS, parseManifest } from "./reading/manifest-text.ts";
export { didYouMean, nearestNames } from "./reading/nearest.ts";
export { checkParam, checkParams, findParam, parseParam } from "./reading/param-text.ts";
export { ArchiveSource, FolderSource, type PluginSource } from "./reading/plugin-source.ts";
export { shortName } from "./reading/short-names.ts";
export { OfflineRenderer } from "./rendering/render.ts";
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
} from "./rendering/render-request.ts";
export { sharedChannel } from "./rendering/shared-channel.ts";
export { Quarantine, type QuarantineEntry } from "./running/quarantine.ts";
export { type OtherContent, type Placeholder, renamedParams } from "./running/resolve-plugins.ts";
