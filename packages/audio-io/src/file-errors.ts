// The two ways files fail. Both name the file and the reason, in words for the person who typed the path.

import { dirname } from "node:path";

/** The file cannot be read as audio. `message` is "cannot read <path>: <reason>". */
export class InputError extends Error {
  override readonly name = "InputError";
  readonly path: string;
  readonly reason: string;

  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(`cannot read ${path}: ${reason}`, options);
    this.path = path;
    this.reason = reason;
  }
}

/** The file cannot be written. `message` is "cannot write <path>: <reason>"; nothing half-written is left. */
export class OutputError extends Error {
  override readonly name = "OutputError";
  readonly path: string;
  readonly reason: string;

  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(`cannot write ${path}: ${reason}`, options);
    this.path = path;
    this.reason = reason;
  }
}

const systemReasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  EISDIR: "it is a directory",
  ENOSPC: "no space is left on the disk",
  EDQUOT: "the disk quota is used up",
  EROFS: "the file system is read-only",
  EFBIG: "the file is larger than the file system allows",
  EIO: "the disk reports an input/output error",
  EMFILE: "too many files are open",
  ENFILE: "too many files are open",
  ELOOP: "its symbolic links go round in a circle",
  ENAMETOOLONG: "the name is too long",
};

function codeAndText(cause: unknown): { code: string; text: string } {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return { code, text: cause instanceof Error ? cause.message : String(cause) };
}

/** An InputError for a failed file system call. */
export function inputErrorFrom(path: string, cause: unknown): InputError {
  if (cause instanceof InputError) return cause;
  const { code, text } = codeAndText(cause);
  const reason =
    code === "ENOENT"
      ? "no such file"
      : code === "ENOTDIR"
        ? `${dirname(path)} is not a directory`
        : (systemReasons[code] ?? text);
  return new InputError(path, reason, { cause });
}

/** An OutputError for a failed file system call. */
export function outputErrorFrom(path: string, cause: unknown): OutputError {
  if (cause instanceof OutputError) return cause;
  const { code, text } = codeAndText(cause);
  const reason =
    code === "ENOENT"
      ? `the directory ${dirname(path)} does not exist`
      : code === "ENOTDIR"
        ? `${dirname(path)} is not a directory`
        : (systemReasons[code] ?? text);
  return new OutputError(path, reason, { cause });
}
