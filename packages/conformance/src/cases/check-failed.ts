/** What a check throws. */
import type { Case } from "./case.ts";

/** A plugin does not keep what it owes. */
export class CheckFailed extends Error {
  override readonly name = "CheckFailed";
  /** The smallest run in which it shows. */
  readonly failing: Case | undefined;

  constructor(message: string, failing?: Case) {
    super(message);
    this.failing = failing;
  }
}
