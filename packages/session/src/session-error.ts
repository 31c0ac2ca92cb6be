/** Why a session cannot be used: what is wrong, where, and what to do. */

export type SessionErrorCode =
  /** Not a session, or damaged. */
  | "unreadable"
  /** Written by a newer version. */
  | "newer"
  /** Readable, but what it says cannot be. */
  | "invalid";

export class SessionError extends Error {
  override readonly name = "SessionError";
  readonly code: SessionErrorCode;
  /** All that is wrong, each with its place. */
  readonly problems: readonly string[];

  constructor(code: SessionErrorCode, message: string, problems: readonly string[] = []) {
    super(message);
    this.code = code;
    this.problems = problems;
  }
}
