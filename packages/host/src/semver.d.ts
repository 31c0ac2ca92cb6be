/** The functions of semver that Gainstage uses, by the files that they are in; it ships without types of its own. */
declare module "semver/ranges/max-satisfying.js" {
  export default function maxSatisfying(versions: readonly string[], range: string): string | null;
}
declare module "semver/ranges/valid.js" {
  export default function validRange(range: string): string | null;
}
declare module "semver/functions/compare-build.js" {
  export default function compareBuild(a: string, b: string): -1 | 0 | 1;
}
