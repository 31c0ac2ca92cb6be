export { default as reverb } from "./reverb.ts";
