/** Why a Faust program does not become a plugin. */
export class FaustError extends Error {
  override readonly name = "FaustError";
  /** Where it is wrong, if it is a place in the source. Lines count from 1. */
  readonly fileName: string | undefined;
  readonly line: number | undefined;

  constructor(message: string, fileName?: string, line?: number) {
    const place = line === undefined ? fileName : `${fileName}:${line}`;
    super(place === undefined ? message : `${place}: ${message}`);
    this.fileName = fileName;
    this.line = line;
  }
}

/**
 * What libfaust says, as in "echo.dsp:3 : ERROR : undefined symbol : foo", or without a place: then it is of the file as a
 * whole.
 */
export function faustErrorOf(said: string, fileName: string): FaustError {
  const text = said.trim();
  const placed = /^(.+?):(-?\d+) : (?:ERROR : )?([\s\S]*)$/.exec(text);
  if (placed && Number(placed[2]) > 0) return new FaustError(placed[3], placed[1], Number(placed[2]));
  return new FaustError(text.replace(/^ERROR : /, ""), fileName);
}
