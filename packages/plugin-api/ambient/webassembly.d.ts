/**
 * What Gainstage calls of the WebAssembly JavaScript Interface; TypeScript has it only in the DOM library. Types that stand
 * in published declarations are in src/webassembly.d.ts.
 */
declare namespace WebAssembly {
  interface ModuleDescriptor {
    readonly module: string;
    readonly name: string;
    readonly kind: "function" | "table" | "memory" | "global";
  }
  const Module: {
    prototype: Module;
    new (bytes: ArrayBuffer | ArrayBufferView<ArrayBuffer>): Module;
    imports(module: Module): ModuleDescriptor[];
    exports(module: Module): ModuleDescriptor[];
  };
  class Instance {
    constructor(module: Module, imports?: Record<string, Record<string, unknown>>);
    readonly exports: Record<string, unknown>;
  }
  class CompileError extends Error {}
  class LinkError extends Error {}
  class RuntimeError extends Error {}
  function compile(bytes: ArrayBuffer | ArrayBufferView<ArrayBuffer>): Promise<Module>;
  function validate(bytes: ArrayBuffer | ArrayBufferView<ArrayBuffer>): boolean;
}
