/** A worker's file beside the one that starts it: TypeScript in the repository, JavaScript where it was built. */
export function workerUrl(name: string, from: string): URL {
  const extension = from.endsWith(".ts") ? "ts" : "js";
  return new URL(`./${name}.${extension}`, from);
}
