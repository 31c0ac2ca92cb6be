export { defaultSession } from "./default-session.ts";
export { BUILDER_VERSION, insertNode, mixGraph, sourceNode } from "./mix-graph.ts";
export { graphOf, type Mix, type MixRequest, renderMix, withDerivedGraph } from "./render-mix.ts";
