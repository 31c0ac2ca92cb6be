export { default as limiter } from "./limiter.ts";
