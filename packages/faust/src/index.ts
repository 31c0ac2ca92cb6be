export { compileFaust, type FaustOptions, type FaustPlugin } from "./compile.ts";
export { FaustError } from "./faust-error.ts";
export type { LibraryLicence } from "./licences.ts";
export { writeFaustPlugin } from "./write-plugin.ts";
