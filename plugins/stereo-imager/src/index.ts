export { default as stereoImager } from "./stereo-imager.ts";
