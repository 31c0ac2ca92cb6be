/** The composition root: the only place that knows how the host is put together, and that it is done by inversify. */
import { existsSync, readFileSync } from "node:fs";
import { engineUrl } from "@gainstage/graph";
import { Container, type ServiceIdentifier } from "inversify";
import { PluginCatalog } from "./catalog/catalog.ts";
import { firstPartyFolder } from "./catalog/plugin-paths.ts";
import { HostEvents } from "./events.ts";
import type { LoadOptions } from "./loading/plugin-code.ts";
import { LivePlayer } from "./playing/live-player.ts";
import { OfflineRenderer } from "./rendering/render.ts";
import type { Quarantine } from "./running/quarantine.ts";

export interface HostOptions {
  /** Folders and archives searched for plugins, first wins; after them the user's, the project's, the first-party ones. */
  readonly pluginFolders?: readonly string[];
  /** Where the user's plugins are installed, see userPluginFolder(). It need not be there. Default: nowhere. */
  readonly userFolder?: string;
  /** A folder whose npm packages are searched, and those of every folder above it. Default: none. */
  readonly project?: string;
  /** Plugins that are not loaded any more. Default: none. */
  readonly quarantine?: Quarantine;
  /** Loads plugins that are JavaScript. Default false. */
  readonly trustModules?: boolean;
}

export interface Host {
  readonly catalog: PluginCatalog;
  readonly events: HostEvents;
  readonly renderer: OfflineRenderer;
  readonly player: LivePlayer;
  readonly loading: LoadOptions;
}

const Token = {
  Loading: Symbol.for("gainstage.loading") as ServiceIdentifier<LoadOptions>,
  Events: Symbol.for("gainstage.events") as ServiceIdentifier<HostEvents>,
  Catalog: Symbol.for("gainstage.catalog") as ServiceIdentifier<PluginCatalog>,
  EngineModule: Symbol.for("gainstage.engine-module") as ServiceIdentifier<WebAssembly.Module>,
  Renderer: Symbol.for("gainstage.renderer") as ServiceIdentifier<OfflineRenderer>,
  Player: Symbol.for("gainstage.player") as ServiceIdentifier<LivePlayer>,
};

/** A host with its own catalog and events. Throws a PluginFault if a search folder cannot be read. */
export function createHost(options: HostOptions = {}): Host {
  const container = new Container({ defaultScope: "Singleton" });
  container.bind(Token.Loading).toConstantValue({
    trustModules: options.trustModules ?? false,
    ...(options.quarantine ? { quarantine: options.quarantine } : {}),
  });
  container.bind(Token.Events).toConstantValue(new HostEvents());
  container
    .bind(Token.EngineModule)
    .toDynamicValue(() => new WebAssembly.Module(readFileSync(engineUrl)))
    .inSingletonScope();
  container
    .bind(Token.Catalog)
    .toDynamicValue(() => search(options))
    .inSingletonScope();
  container
    .bind(Token.Renderer)
    .toResolvedValue(
      (module, catalog, events, loading) =>
        new OfflineRenderer(module, catalog, events, loading, options.quarantine),
      [Token.EngineModule, Token.Catalog, Token.Events, Token.Loading],
    )
    .inSingletonScope();
  container
    .bind(Token.Player)
    .toResolvedValue(
      (module, catalog, events, loading) =>
        new LivePlayer(module, { catalog, loading }, events, options.quarantine),
      [Token.EngineModule, Token.Catalog, Token.Events, Token.Loading],
    )
    .inSingletonScope();
  return {
    catalog: container.get(Token.Catalog),
    events: container.get(Token.Events),
    renderer: container.get(Token.Renderer),
    player: container.get(Token.Player),
    loading: container.get(Token.Loading),
  };
}

function search({ pluginFolders = [], userFolder, project }: HostOptions): PluginCatalog {
  const catalog = new PluginCatalog();
  for (const path of pluginFolders) catalog.scan(path);
  if (userFolder !== undefined && existsSync(userFolder)) catalog.scan(userFolder, "user");
  if (project !== undefined) catalog.scanInstalled(project);
  catalog.scan(firstPartyFolder, "first-party");
  return catalog;
}
