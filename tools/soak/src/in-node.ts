/** The soak behind node-web-audio-api, without a sound card. Run by main.ts, which reads what it prints. */
import { openLiveSound } from "@gainstage/audio-io";
import { createHost, sharedChannel } from "@gainstage/host";
import { beginnings, largest } from "./heard.ts";
import { firstGraph, soak } from "./soak.ts";
import { RATE_HZ, SONG_FRAMES, sources } from "./song.ts";
import { verify } from "./verify.ts";

const [seconds, seed] = process.argv.slice(2).map(Number);
const say = (kind: string, what: unknown) => console.log(`${kind} ${JSON.stringify(what)}`);

const capture = [0, 1].map(() => sharedChannel(Math.ceil((seconds + 30) * RATE_HZ)));
// Written once, so that the memory is there from the start.
for (const channel of capture) channel.fill(0);
const song = sources(sharedChannel);
const host = createHost();
const playing = await host.player.play(
  {
    graph: firstGraph(seed),
    output: "out",
    sampleRateHz: RATE_HZ,
    frames: SONG_FRAMES,
    loop: { startFrame: 0, endFrame: SONG_FRAMES },
    sources: song,
    capture,
  },
  (worklet) => openLiveSound({ worklet, sampleRateHz: RATE_HZ, channels: 2, sink: "none" }),
);
const memory = setInterval(() => say("memory", process.memoryUsage().rss), 5000);
const { events } = host;
const result = await soak({
  playing,
  events,
  supply: host,
  seed,
  seconds,
  tell: (line) => say("progress", line),
  dropped: (count) => say("dropped", count),
});
clearInterval(memory);
await playing.close();
say("soaked", { ...result, checks: result.checks.length, largest: largest(capture) });

const begun = beginnings(capture);
if (begun.length < result.checks.length)
  throw new Error(
    `${result.checks.length} checks were made, but only ${begun.length} stops are in what was heard`,
  );
for (const [k, graph] of result.checks.entries()) {
  await verify(
    k,
    graph,
    capture.map((channel) => channel.subarray(begun[k])),
    song,
  );
  say("verified", k + 1);
}
process.exit();
