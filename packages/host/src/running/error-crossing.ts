/** Errors across threads: a structured clone keeps neither class nor fields. */
import { GraphError } from "@gainstage/graph";
import { type FaultCode, type ManifestProblem, PluginFault } from "@gainstage/plugin-api";

export type PlainError =
  | {
      readonly kind: "plugin";
      readonly code: FaultCode;
      readonly plugin: string;
      readonly message: string;
      readonly problems: readonly ManifestProblem[];
      readonly node?: string;
    }
  | { readonly kind: "graph"; readonly problems: readonly string[] }
  | { readonly kind: "range" | "other"; readonly message: string; readonly stack?: string };

export function toPlainError(error: unknown): PlainError {
  if (error instanceof PluginFault) {
    const message = error.message.slice(`plugin ${error.plugin}: `.length);
    const { code, plugin, problems, node } = error;
    return { kind: "plugin", code, plugin, message, problems, ...(node !== undefined && { node }) };
  }
  if (error instanceof GraphError) return { kind: "graph", problems: error.problems };
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return { kind: error instanceof RangeError ? "range" : "other", message, ...(stack && { stack }) };
}

export function fromPlainError(plain: PlainError): Error {
  if (plain.kind === "plugin") {
    const fault = new PluginFault(plain.code, plain.plugin, plain.message, plain.problems);
    if (plain.node !== undefined) fault.node = plain.node;
    return fault;
  }
  if (plain.kind === "graph") return new GraphError(plain.problems);
  const error = plain.kind === "range" ? new RangeError(plain.message) : new Error(plain.message);
  if (plain.stack) error.stack = plain.stack;
  return error;
}
