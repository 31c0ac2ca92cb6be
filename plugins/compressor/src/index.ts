export { default as compressor, reductionDb, type StaticCurve } from "./compressor.ts";
