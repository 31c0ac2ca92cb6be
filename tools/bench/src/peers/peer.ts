/** Another engine that a user would pick instead. */
import type { Entrant } from "../entrant.ts";
import type { Material } from "../material.ts";
import type { WorkloadId } from "../workloads.ts";

export interface Peer {
  readonly name: string;
  /** The workloads that it can do as they are meant. */
  readonly workloads: readonly WorkloadId[];
  /** How to get it, in a few words. */
  readonly install: string;
  /** Its version. Throws an Error that says why it cannot be had. */
  version(): Promise<string>;
  /** Set up for one of its workloads, with everything compiled and built. Throws an Error that says why it cannot. */
  enter(workload: WorkloadId, material: Material): Promise<Entrant>;
}
