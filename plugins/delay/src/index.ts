export { default as delay } from "./delay.ts";
