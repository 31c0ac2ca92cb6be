export {
  type EditPlan,
  type PlannedGraph,
  type PlannedPlugin,
  type PlanOptions,
  planAlone,
  planEdit,
  planGraph,
} from "./changing/edit-plan.ts";
export { EditRun } from "./changing/edit-run.ts";
export { Edits, type EditsOptions } from "./changing/edits.ts";
export { flatten } from "./description/flatten.ts";
export { type Frozen, freeze } from "./description/freeze.ts";
export {
  type AutomationLane,
  type AutomationPoint,
  type ChannelCount,
  CURVES,
  type Curve,
  type GraphDescription,
  type GraphEdge,
  type GraphNode,
  type NestedGraph,
  PAN_LAWS,
  type PanLaw,
  type PluginNode,
  type PluginShape,
  type PluginShapes,
  type PortRef,
  type SubGraphNode,
} from "./description/graph.ts";
export { GraphError } from "./description/graph-error.ts";
export { type MixMatrix, mixMatrix } from "./description/layouts.ts";
export { validateGraph } from "./description/validate.ts";
export { type CompensatedGraph, compensate } from "./planning/latency.ts";
export { type Partition, partition } from "./planning/partition.ts";
export { type CompiledPlan, compile } from "./running/compiled.ts";
export {
  Engine,
  type EngineOptions,
  engineUrl,
  type MeterReading,
} from "./running/engine.ts";
export type { ProcessorNode } from "./running/plugin-runner.ts";
export { shapeOf, shapesOf } from "./running/processor-shape.ts";
export type { CallWatch, RuntimeFault } from "./running/runtime-fault.ts";
export { SongClock, type SongTime, type TempoChange, type TransportState } from "./running/song-clock.ts";
