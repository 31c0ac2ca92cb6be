/** What happened when a plugin failed while it ran, and who watches that its calls end. */

export interface RuntimeFault {
  readonly node: string;
  readonly plugin: string;
  readonly code: "trap" | "non-finite" | "overload" | "hang";
  /** Engine frame at which the block that failed began. */
  readonly frame: number;
  readonly heard: "bypass" | "silence";
  readonly message: string;
  /** Which failure of the node it is: after the first one it is built anew, after the second it stays off. */
  readonly attempt: 1 | 2;
}

/** Hears of every call of a plugin, so that another thread can see one that does not end. [audio] */
export interface CallWatch {
  /** `plugin` counts the engine's plugin nodes, in the order of Engine.pluginNodes. */
  enter(plugin: number, frame: number): void;
  leave(): void;
}
