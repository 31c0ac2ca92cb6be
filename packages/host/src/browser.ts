/** What of the host runs in a browser as well: plugins from URLs, instantiated, with what the host offers them; live sound. */

export { HostEvents } from "./events.ts";
export { type FetchOptions, fetchPlugin } from "./loading/fetch-plugin.ts";
export { hostOf, type LogSink, type PluginLog } from "./loading/host-extensions.ts";
export { instantiate, type LoadOptions, type PluginCode } from "./loading/plugin-code.ts";
export type { EditOutcome, StateReport } from "./playing/live-edits.ts";
export { liveJob, type PlayRequest } from "./playing/live-job.ts";
export type { LoopRange } from "./playing/live-messages.ts";
export type { LiveOutput, Underruns } from "./playing/live-output.ts";
export { Playing, type PluginSupply, type Surroundings } from "./playing/playing.ts";
export { contentHash } from "./reading/content-hash.ts";
export { HOST_EXTENSIONS } from "./reading/manifest-text.ts";
