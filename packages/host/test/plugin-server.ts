/** A web server over a folder for one test file; what it is asked for is kept, and what is posted to it. */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll } from "vitest";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

export class PluginServer {
  /** Paths, in the order of asking. */
  asked: string[] = [];
  #hear: (said: string) => void = () => {};
  #origin = "";

  /** Every answer has `headers`. */
  constructor(root: string, headers: Readonly<Record<string, string>> = {}) {
    const server = createServer((request, response) => {
      const path = decodeURIComponent((request.url ?? "").replace(/\?.*/, ""));
      if (request.method === "POST") {
        void text(request).then((said) => this.#hear(said));
        response.writeHead(204).end();
        return;
      }
      this.asked.push(path);
      try {
        const bytes = readFileSync(join(root, path));
        const type = TYPES[extname(path)];
        response
          .writeHead(200, type === undefined ? headers : { ...headers, "content-type": type })
          .end(bytes);
      } catch {
        response.writeHead(404).end();
      }
    });
    beforeAll(async () => {
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      this.#origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterAll(() => void server.close());
  }

  /** The body of what is posted next. */
  nextPost(): Promise<string> {
    return new Promise((resolve) => (this.#hear = resolve));
  }

  /** "http://127.0.0.1:12345", once tests run. */
  get origin(): string {
    return this.#origin;
  }
}
