export { default as convolver } from "./convolver.ts";
export { type OwnResponse, responseState } from "./own-response.ts";
