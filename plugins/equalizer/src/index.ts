export { default as equalizer } from "./equalizer.ts";
export { magnitudeDb, type ResponsePath } from "./response.ts";
