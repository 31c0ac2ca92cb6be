/** What a piece of JavaScript does to the realm that it runs in, and what it takes from it. */

/** The objects that everything else in a realm shares. */
const SHARED: readonly (readonly [name: string, object: object])[] = [
  ["globalThis", globalThis],
  ...[
    "Object",
    "Array",
    "Function",
    "Float32Array",
    "Float64Array",
    "Promise",
    "String",
    "Number",
    "Map",
  ].flatMap((name): [string, object][] => {
    const owner = (globalThis as unknown as Record<string, { prototype: object }>)[name];
    return [
      [name, owner],
      [`${name}.prototype`, owner.prototype],
    ];
  }),
  ["Math", Math],
  ["JSON", JSON],
  ["Reflect", Reflect],
];

/** Own properties and their values. A getter is taken by its function: calling it might change something. */
export type GlobalsSnapshot = readonly ReadonlyMap<string | symbol, unknown>[];

export function snapshotGlobals(): GlobalsSnapshot {
  // Node makes some of its own at the first look.
  for (const [, owner, key] of POISONED) Reflect.get(owner, key);
  return SHARED.map(([, object]) => {
    const properties = Object.getOwnPropertyDescriptors(object) as Record<
      string | symbol,
      PropertyDescriptor
    >;
    return new Map(
      Reflect.ownKeys(properties).map((key) => [key, properties[key].get ?? properties[key].value]),
    );
  });
}

/** Names of what is new, gone or another value. */
export function globalsChangedSince(before: GlobalsSnapshot): readonly string[] {
  const after = snapshotGlobals();
  return SHARED.flatMap(([name], i) => {
    const keys = new Set([...before[i].keys(), ...after[i].keys()]);
    const changed = [...keys].filter(
      (key) => before[i].has(key) !== after[i].has(key) || !Object.is(before[i].get(key), after[i].get(key)),
    );
    return changed.map((key) => `${name}.${String(key)}`);
  });
}

/** Functions that give what no other run gives again. `Date` and `fetch` are reached on the global object. */
const POISONED: readonly (readonly [name: string, owner: object, key: string])[] = [
  ["Math.random", Math, "random"],
  ["Date", globalThis, "Date"],
  ["performance.now", performance, "now"],
  ["crypto.getRandomValues", crypto, "getRandomValues"],
  ["crypto.randomUUID", crypto, "randomUUID"],
  ...["fetch", "setTimeout", "setInterval", "setImmediate", "queueMicrotask", "WebSocket"].map(
    (key): [string, object, string] => [key, globalThis, key],
  ),
];

/** Tells which of the functions above are called, from now until restore(). They go on working. */
export function spyOnGlobals(): { readonly used: ReadonlySet<string>; restore(): void } {
  const used = new Set<string>();
  const undo: (() => void)[] = [];
  for (const [name, owner, key] of POISONED) {
    const own = Object.getOwnPropertyDescriptor(owner, key);
    const real = (owner as Record<string, unknown>)[key];
    if (typeof real !== "function") continue;
    const told = new Proxy(real, {
      apply: (target, self, args) => {
        used.add(name);
        return Reflect.apply(target as () => unknown, self, args);
      },
      construct: (target, args) => {
        used.add(name);
        return Reflect.construct(target as new () => object, args);
      },
      get: (target, property) => {
        if (name === "Date" && property === "now") used.add("Date.now");
        return Reflect.get(target, property);
      },
    });
    Object.defineProperty(owner, key, { value: told, configurable: true, writable: true });
    undo.push(() => {
      if (own) Object.defineProperty(owner, key, own);
      else delete (owner as Record<string, unknown>)[key];
    });
  }
  return {
    used,
    restore: () => {
      for (const back of undo) back();
    },
  };
}
