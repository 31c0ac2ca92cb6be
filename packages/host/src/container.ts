/** The composition root: the only place that knows how the host is put together, and that it is done by inversify. */
import { readFileSync } from "node:fs";
import { engineUrl } from "@gainstage/graph";
import { Container, type ServiceIdentifier } from "inversify";
import { firstPartyFolder, PluginCatalog } from "./catalog.ts";
import { HostEvents } from "./events.ts";
import type { LoadOptions } from "./load.ts";
import { OfflineRenderer } from "./render.ts";

export interface HostOptions {
  /** Folders searched for plugins, first wins; after them the first-party ones. */
  readonly pluginFolders?: readonly string[];
  /** Loads plugins that are JavaScript. Default false. */
  readonly trustModules?: boolean;
}

export interface Host {
  readonly catalog: PluginCatalog;
  readonly events: HostEvents;
  readonly renderer: OfflineRenderer;
  readonly loading: LoadOptions;
}

const Token = {
  Loading: Symbol.for("gainstage.loading") as ServiceIdentifier<LoadOptions>,
  Events: Symbol.for("gainstage.events") as ServiceIdentifier<HostEvents>,
  Catalog: Symbol.for("gainstage.catalog") as ServiceIdentifier<PluginCatalog>,
  EngineModule: Symbol.for("gainstage.engine-module") as ServiceIdentifier<WebAssembly.Module>,
  Renderer: Symbol.for("gainstage.renderer") as ServiceIdentifier<OfflineRenderer>,
};

/** A host with its own catalog and events. Throws a PluginFault if a search folder cannot be read. */
export function createHost(options: HostOptions = {}): Host {
  const container = new Container({ defaultScope: "Singleton" });
  container.bind(Token.Loading).toConstantValue({ trustModules: options.trustModules ?? false });
  container.bind(Token.Events).toConstantValue(new HostEvents());
  container
    .bind(Token.EngineModule)
    .toDynamicValue(() => new WebAssembly.Module(readFileSync(engineUrl)))
    .inSingletonScope();
  container
    .bind(Token.Catalog)
    .toDynamicValue(() => scanAll(options.pluginFolders ?? []))
    .inSingletonScope();
  container
    .bind(Token.Renderer)
    .toResolvedValue(
      (module, catalog, events, loading) => new OfflineRenderer(module, catalog, events, loading),
      [Token.EngineModule, Token.Catalog, Token.Events, Token.Loading],
    )
    .inSingletonScope();
  return {
    catalog: container.get(Token.Catalog),
    events: container.get(Token.Events),
    renderer: container.get(Token.Renderer),
    loading: container.get(Token.Loading),
  };
}

function scanAll(folders: readonly string[]): PluginCatalog {
  const catalog = new PluginCatalog();
  for (const folder of [...folders, firstPartyFolder]) catalog.scan(folder);
  return catalog;
}
