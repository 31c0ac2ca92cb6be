import { fileURLToPath } from "node:url";
import { PluginFault } from "@gainstage/plugin-api";
import { expect, test } from "vitest";
import { createHost, HostEvents, OfflineRenderer, PluginCatalog } from "../src/index.ts";

const examples = fileURLToPath(new URL("../examples/plugins/", import.meta.url));
const silence = {
  graph: {
    nodes: [
      { kind: "input", id: "in", channels: 1 },
      { kind: "output", id: "out", channels: 1 },
    ],
    edges: [{ from: { node: "in", port: "out" }, to: { node: "out", port: "in" } }],
  },
  sampleRateHz: 48_000,
  frames: 100,
  sources: new Map(),
} as const;

test("a host has one catalog, one renderer and one place for events", async () => {
  const host = createHost({ pluginFolders: [examples], trustModules: true });
  expect(host.catalog).toBeInstanceOf(PluginCatalog);
  expect(host.renderer).toBeInstanceOf(OfflineRenderer);
  expect(host.events).toBeInstanceOf(HostEvents);
  expect(host.loading).toEqual({ trustModules: true });
  expect(host.catalog.entries.map((e) => e.manifest.id)).toContain("com.example.tilt");

  const told: number[] = [];
  host.events.on("progress", ({ framesDone }) => told.push(framesDone));
  await host.renderer.render(silence);
  expect(told).toEqual([100]);
});

test("two hosts have nothing in common", async () => {
  const one = createHost({ pluginFolders: [examples] });
  const other = createHost();
  expect(one.catalog).not.toBe(other.catalog);
  expect(one.renderer).not.toBe(other.renderer);
  expect(one.loading.trustModules).toBe(false);
  expect(() => other.catalog.find("com.example.tilt")).toThrow(PluginFault);

  let told = 0;
  other.events.on("progress", () => told++);
  await one.renderer.render(silence);
  expect(told).toBe(0);
});

test("a search folder that cannot be read is told when the host is made", () => {
  expect(() => createHost({ pluginFolders: ["/no/such/folder"] })).toThrow(/the folder cannot be read/);
});
