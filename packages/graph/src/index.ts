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
} from "./description.ts";
export { Engine, type EngineOptions, engineUrl, type MeterReading, shapesOf } from "./engine.ts";
export { type SwapOptions, SwappableEngine } from "./engine-swap.ts";
export { type CompensatedGraph, compensate } from "./latency.ts";
export { type Partition, partition } from "./partition.ts";
export type { ProcessorNode } from "./plugin-runner.ts";
export type { CallWatch, RuntimeFault } from "./runtime-fault.ts";
export { SongClock, type SongTime, type TempoChange } from "./song-clock.ts";
export { GraphError, validateGraph } from "./validate.ts";
