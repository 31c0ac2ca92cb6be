export { defaultSession } from "./default-session.ts";
export { BUILDER_VERSION, insertNode, mixGraph, sourceNode } from "./mix-graph.ts";
export { type PinnedSession, pinSession } from "./pin-session.ts";
export {
  graphOf,
  type Mix,
  type MixOutcome,
  type MixRequest,
  renderMix,
  renderMixTo,
  type Stems,
  type UntrimmedMix,
  withDerivedGraph,
} from "./render-mix.ts";
