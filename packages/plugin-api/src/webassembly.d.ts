/**
 * The types of the WebAssembly JavaScript Interface that stand in signatures, for programs without the DOM library; with
 * it, the two merge.
 */
declare namespace WebAssembly {
  // biome-ignore lint/suspicious/noEmptyInterface: a type alias would not merge
  interface Module {}
  interface Memory {
    readonly buffer: ArrayBuffer;
    grow(delta: number): number;
  }
}
