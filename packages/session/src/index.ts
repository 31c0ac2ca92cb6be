export { checkSession } from "./check-session.ts";
export { decodeSession, encodeSession, readSession, sessionFromJson, sessionToJson } from "./codec.ts";
export {
  type Bus,
  FORMAT,
  FORMAT_VERSION,
  type Insert,
  type Lane,
  type Master,
  RECORD_VERSIONS,
  type Send,
  type Session,
  type SessionInput,
  type Strip,
} from "./document.ts";
export { SessionError, type SessionErrorCode } from "./session-error.ts";
export { type UnknownKey, unknownKeys } from "./unknown-keys.ts";
