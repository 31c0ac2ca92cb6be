/** The values of a plan that runs: where each parameter and meter lies in its memory. Looked up when first asked for. */
import { SILENCE_DB } from "../planning/lane-image.ts";
import type { RecordImage } from "../planning/plan-image.ts";
import { NodeMeter } from "./node-meter.ts";
import type { RunningPlan } from "./running-plan.ts";

/** What of a gain or a pan may be set. */
const OWN_PARAM = { gain: "gainDb", pan: "pan" } as const;

export class PlanValues {
  readonly #plan: RunningPlan;
  /** By node id, records of gains, pans and meters, and which plugin of the plan a node is. */
  #records: ReadonlyMap<string, RecordImage> | undefined;
  #plugins: ReadonlyMap<string, number> | undefined;
  readonly #meters = new Map<string, NodeMeter>();

  /** [control] */
  constructor(plan: RunningPlan) {
    this.#plan = plan;
  }

  has(node: string, param: string): boolean {
    return this.#addressOf(node, param) !== undefined;
  }

  /** Throws a RangeError, see Engine.setParam(). */
  set(node: string, param: string, value: number | null): void {
    const at = this.#addressOf(node, param);
    if (at === undefined) throw new RangeError(`there is no parameter ${node}.${param} in the graph`);
    const closes = param === "gainDb" && !this.#plan.runnerOf.has(node);
    const sound = value === null ? closes : Number.isFinite(value);
    if (!sound) throw new RangeError(`${node}.${param} cannot be ${value}; it must be a finite number`);
    this.#plan.memory.f64(at, 1)[0] = value ?? SILENCE_DB;
  }

  /** Throws a RangeError if there is no such node. */
  meter(node: string): NodeMeter {
    const known = this.#meters.get(node);
    if (known) return known;
    const record = this.#recordOf(node);
    if (record?.kind !== "meter") throw new RangeError(`there is no meter "${node}" in the graph`);
    const meter = new NodeMeter(this.#plan.memory, record);
    this.#meters.set(node, meter);
    return meter;
  }

  #addressOf(node: string, param: string): number | undefined {
    const { plugins, image } = this.#plan.compiled;
    this.#plugins ??= new Map(plugins.map((plugin, k) => [plugin.node, k]));
    const plugin = this.#plugins.get(node);
    if (plugin !== undefined) {
      const index = plugins[plugin].paramIds.indexOf(param);
      return index < 0 ? undefined : image.plugins[plugin].paramsAt + 8 * index;
    }
    const record = this.#recordOf(node);
    const own = record && (record.kind === "gain" || record.kind === "pan") && OWN_PARAM[record.kind];
    return own === param ? record!.at : undefined;
  }

  #recordOf(node: string): RecordImage | undefined {
    this.#records ??= new Map(
      this.#plan.compiled.image.records.flatMap((record) =>
        record.kind === "line" ? [] : [[record.key, record] as const],
      ),
    );
    return this.#records.get(node);
  }
}
