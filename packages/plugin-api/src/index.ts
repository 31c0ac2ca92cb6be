export { cardOf, cardProblems, manifestOfCard, type PluginCard } from "./card.ts";
export { type FaultCode, type ManifestProblem, PluginFault, reasonOf } from "./fault.ts";
export { channelsOf, isLayout } from "./layout.ts";
export { checkManifest, type ManifestCheck } from "./manifest-check.ts";
export { ModulePlugin } from "./module-plugin.ts";
export { UNITS } from "./param-check.ts";
export { clampParam, describeRange, formatParam, fromKnob, readParam, toKnob } from "./param-value.ts";
export {
  API_VERSION,
  type Block,
  type CurveExtension,
  definePlugin,
  type ExtensionId,
  type Format,
  type Host,
  type HostExtensions,
  type Layout,
  type LogExtension,
  type Manifest,
  type MeterInfo,
  type ParamInfo,
  type Plugin,
  type PluginExtensions,
  type PortInfo,
  type PortSetup,
  type Preset,
  type Processor,
  type ProcessSetup,
  type ResourceExtension,
  type SavedState,
  type StateExtension,
  type Transport,
  type Unit,
} from "./plugin.ts";
export { processSetup, type SetupRequest } from "./process-setup.ts";
export {
  BARE_HOST,
  type LoadedPlugin,
  MAX_STATE_BYTES,
  missingExtensions,
  type RunningBlock,
  type RunningProcessor,
} from "./running-processor.ts";
export { type ApiVersion, type Negotiation, negotiate, parseApiVersion } from "./version.ts";
export { WasmPlugin } from "./wasm-plugin.ts";
export { checkWasmProfile, MAX_WASM_BYTES, type ProfileProblem } from "./wasm-profile.ts";
