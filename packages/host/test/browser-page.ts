/** What the page of browser.test.ts runs: each plugin of `?plugins=URL,…` loaded from its URL, and noise sent through it. */

import { processSetup } from "@gainstage/plugin-api";
import { fetchPlugin, hostOf, instantiate } from "../src/browser.ts";
import { heardThrough } from "./noise-through.ts";

declare const document: { readonly location: URL };

const urls = new URL(document.location.href).searchParams.get("plugins")?.split(",") ?? [];
const results = await Promise.all(
  urls.map(async (url) => {
    try {
      const code = await fetchPlugin(url);
      const plugin = await instantiate(code);
      const setup = processSetup(code.manifest, { sampleRateHz: 48_000, maxFrames: 512 });
      const processor = plugin.activate(setup, hostOf(code, { emit: () => true }));
      return { id: code.manifest.id, hash: code.hash, heard: heardThrough(processor) };
    } catch (error) {
      return { url, error: String(error) };
    }
  }),
);
await fetch(document.location.origin, { method: "POST", body: JSON.stringify(results) });
