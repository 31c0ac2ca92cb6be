export { type FaultCode, PluginFault, reasonOf } from "./fault.ts";
export {
  checkManifest,
  type Manifest,
  type ManifestCheck,
  type ManifestProblem,
  type MeterInfo,
  type ParamInfo,
  type PortInfo,
  UNITS,
  type Unit,
} from "./manifest.ts";
export { ModulePlugin } from "./module-plugin.ts";
export {
  API_VERSION,
  type Block,
  channelsOf,
  definePlugin,
  type Layout,
  type Plugin,
  type PortSetup,
  type Processor,
  type ProcessSetup,
} from "./plugin.ts";
export {
  clampParam,
  type LoadedPlugin,
  processSetup,
  type RunningBlock,
  type RunningProcessor,
  type SetupRequest,
} from "./running-processor.ts";
export { type ApiVersion, type Negotiation, negotiate, parseApiVersion } from "./version.ts";
export { WasmPlugin } from "./wasm-plugin.ts";
