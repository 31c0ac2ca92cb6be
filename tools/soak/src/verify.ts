/** What was heard after a stop, held against an offline render of the graph. */
import type { GraphDescription } from "@gainstage/graph";
import { createHost, sharedChannel } from "@gainstage/host";
import { CHECK_FRAMES } from "./heard.ts";
import { RATE_HZ, sources } from "./song.ts";

/** Throws an Error that names the first frame at which what was heard is not the render, bit by bit. Silence of the graph's own counts. */
export async function verify(
  check: number,
  graph: GraphDescription,
  heard: readonly Float32Array[],
  song: ReturnType<typeof sources> = sources(sharedChannel),
): Promise<void> {
  // What looks ahead hears the song go on.
  const cut = new Map(
    [...song].map(([id, channels]) => [id, channels.map((x) => x.subarray(0, 2 * CHECK_FRAMES))]),
  );
  const request = { graph, sampleRateHz: RATE_HZ, frames: CHECK_FRAMES, sources: cut };
  const { outputs } = await createHost().renderer.render(request);
  const wanted = outputs.get("out")!;
  const first = wanted[0].findIndex((_, n) => wanted.some((channel) => channel[n] !== 0));
  for (let n = first; n < CHECK_FRAMES; n++) {
    for (const [c, channel] of wanted.entries()) {
      if (heard[c][n - first] !== channel[n])
        throw new Error(
          `check ${check + 1}: frame ${n}, channel ${c} is ${heard[c][n - first]}, a render gives ${channel[n]}`,
        );
    }
  }
}
