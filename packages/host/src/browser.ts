/** What of the host runs in a browser as well: plugins from URLs, instantiated, with what the host offers them; live sound. */
export { contentHash } from "./content-hash.ts";
export { HostEvents } from "./events.ts";
export { type FetchOptions, fetchPlugin } from "./fetch-plugin.ts";
export { hostOf, type LogSink, type PluginLog } from "./host-extensions.ts";
export { liveJob, type PlayRequest } from "./live-job.ts";
export type { LoopRange } from "./live-messages.ts";
export type { LiveOutput, Underruns } from "./live-output.ts";
export { HOST_EXTENSIONS } from "./manifest-text.ts";
export { Playing, type PluginSupply, type Surroundings, type SwapOutcome } from "./playing.ts";
export { instantiate, type LoadOptions, type PluginCode } from "./plugin-code.ts";
