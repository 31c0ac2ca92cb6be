export { type CatalogEntry, firstPartyFolder, PluginCatalog, readManifest, shortName } from "./catalog.ts";
export { createHost, type Host, type HostOptions } from "./container.ts";
export { type HostEventMap, HostEvents, type MeterEvent, type RenderProgress } from "./events.ts";
export { instantiate, type LoadOptions, type PluginCode, readCode } from "./load.ts";
export { didYouMean, nearestNames } from "./nearest.ts";
export { checkParam, checkParams, findParam, parseParam } from "./param-text.ts";
export { OfflineRenderer, sharedChannel } from "./render.ts";
export { MAX_BLOCK_FRAMES, type NodeLatency, type Rendered, type RenderRequest } from "./render-request.ts";
