/** What stays the same for all that is played on one thread. */
import type { ActivationSetup } from "../running/activation.ts";
import type { SharedCallWatch } from "../running/call-watch.ts";

export interface LiveSetup extends ActivationSetup {
  readonly engine: WebAssembly.Module;
  /** The id of the output node that is heard. */
  readonly output: string;
  readonly watch: SharedCallWatch;
}

/** What Web Audio renders at a time (W3C Web Audio API 1.1, §2.1, "render quantum"). */
export const QUANTUM_FRAMES = 128;
