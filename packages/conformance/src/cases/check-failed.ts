/** What a check throws. */
import type { Case } from "./case.ts";

/** A plugin does not keep what it owes. */
export class CheckFailed extends Error {
  override readonly name = "CheckFailed";
  /** The smallest run in which it shows. */
  readonly failing: Case | undefined;

  /** `cause` is what the plugin threw, where that is how it shows. */
  constructor(message: string, failing?: Case, cause?: unknown) {
    super(message, { cause });
    this.failing = failing;
  }
}
