export {
  type AutomationLane,
  type AutomationPoint,
  type ChannelCount,
  CURVES,
  type Curve,
  type GraphDescription,
  type GraphEdge,
  type GraphNode,
  PAN_LAWS,
  type PanLaw,
  type PluginNode,
  type PluginShape,
  type PluginShapes,
  type PortRef,
} from "./description/graph.ts";
export { GraphError } from "./description/graph-error.ts";
export { type MixMatrix, mixMatrix } from "./description/layouts.ts";
export { validateGraph } from "./description/validate.ts";
export { type CompensatedGraph, compensate } from "./planning/latency.ts";
export { type Partition, partition } from "./planning/partition.ts";
export { Engine, type EngineOptions, engineUrl, type MeterReading, shapesOf } from "./running/engine.ts";
export type { ProcessorNode } from "./running/plugin-runner.ts";
export type { CallWatch, RuntimeFault } from "./running/runtime-fault.ts";
export { SongClock, type SongTime, type TempoChange } from "./running/song-clock.ts";
export { type SwapOptions, SwappableEngine } from "./swapping/engine-swap.ts";
