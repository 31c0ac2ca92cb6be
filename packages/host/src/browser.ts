/** What of the host runs in a browser as well: plugins from URLs, instantiated, with what the host offers them. */
export { contentHash } from "./content-hash.ts";
export { type FetchOptions, fetchPlugin } from "./fetch-plugin.ts";
export { hostOf, type LogSink, type PluginLog } from "./host-extensions.ts";
export { HOST_EXTENSIONS } from "./manifest-text.ts";
export { instantiate, type LoadOptions, type PluginCode } from "./plugin-code.ts";
