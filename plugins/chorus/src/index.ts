export { default as chorus } from "./chorus.ts";
