/** The waveforms of mix and master, one above the other on one scale: peaks, and RMS inside them. */
import { html, type Markup } from "./markup.ts";
import { fixed, withUnit } from "./number-text.ts";
import { type Axis, plot, round, type Tick, timeAxis, WIDTH } from "./plot.ts";
import type { AudioReport, ReportData } from "./report-data.ts";

const HEIGHT = 144;
const GRID_DBFS = [0, -6, -12];

/** Of each column, over all channels. */
interface Envelope {
  readonly lowest: Float32Array;
  readonly highest: Float32Array;
  readonly rms: Float32Array;
}

export function envelopeOf(channels: readonly Float32Array[], columns: number): Envelope {
  const frames = channels[0].length;
  const [lowest, highest, rms] = [0, 1, 2].map(() => new Float32Array(columns));
  for (let column = 0; column < columns; column++) {
    const from = Math.floor((column * frames) / columns);
    const until = Math.floor(((column + 1) * frames) / columns);
    let [low, high, sum] = [0, 0, 0];
    for (const channel of channels) {
      for (let i = from; i < until; i++) {
        const sample = channel[i];
        if (sample < low) low = sample;
        if (sample > high) high = sample;
        sum += sample * sample;
      }
    }
    lowest[column] = low;
    highest[column] = high;
    rms[column] = Math.sqrt(sum / Math.max(1, (until - from) * channels.length));
  }
  return { lowest, highest, rms };
}

export function waveforms({ mix, master }: ReportData): Markup {
  const columns = (audio: AudioReport) => Math.max(1, Math.min(WIDTH, audio.channels[0].length));
  const drawn = [
    { audio: mix, style: "mix", envelope: envelopeOf(mix.channels, columns(mix)) },
    { audio: master, style: "master", envelope: envelopeOf(master.channels, columns(master)) },
  ];
  // A float mix may pass full scale; both then shrink by the same.
  const reach = drawn.reduce(
    (most, { envelope: { lowest, highest } }) =>
      highest.reduce((a, b) => Math.max(a, b), -lowest.reduce((a, b) => Math.min(a, b), -most)),
    1,
  );
  const y = amplitudeAxis(reach);
  const longest = Math.max(...drawn.map(({ audio }) => audio.channels[0].length / audio.sampleRateHz));
  const x = timeAxis(longest);
  return html`${drawn.map(({ audio, style, envelope }) => {
    const { lowest, highest, rms } = envelope;
    const share = audio.channels[0].length / audio.sampleRateHz / Math.max(longest, 1e-9);
    const { samplePeakDbfs } = audio.measurement;
    return plot({
      id: `wave-${style}`,
      title: audio.name,
      description: `Waveform of ${audio.name}, all channels together. Sample peak ${withUnit(samplePeakDbfs, "dBFS", 2, "none: silence")}.`,
      unit: "dBFS",
      heightPx: HEIGHT,
      x,
      y,
      layers: [
        html`<path class="wave ${style}" d="${outline(lowest, highest, y, share)}"/>`,
        html`<path class="wave-rms ${style}" d="${outline(
          rms.map((value) => -value),
          rms,
          y,
          share,
        )}"/>`,
      ],
      keys: [
        { text: "Peak", style: `wave ${style}`, shape: "area" },
        { text: "RMS", style: `wave-rms ${style}`, shape: "area" },
      ],
    });
  })}`;
}

/** The upper edge from left to right, the lower one back. */
function outline(lowest: Float32Array, highest: Float32Array, y: Axis, share: number): string {
  const last = lowest.length - 1;
  const left = (column: number) => round((column / Math.max(1, last)) * WIDTH * share);
  const top = (value: number) => round(HEIGHT * (1 - y.at(value)));
  const points: string[] = [];
  for (let column = 0; column <= last; column++) points.push(`${left(column)} ${top(highest[column])}`);
  for (let column = last; column >= 0; column--) points.push(`${left(column)} ${top(lowest[column])}`);
  return `M${points[0]}L${points.slice(1).join(" ")}Z`;
}

/** Linear in amplitude from −reach to reach, with lines where the level in dBFS is round. */
function amplitudeAxis(reach: number): Axis {
  const ticks = GRID_DBFS.flatMap((dbfs): Tick[] => {
    const amplitude = 10 ** (dbfs / 20);
    return [
      { value: amplitude, text: fixed(dbfs, 0), strong: dbfs === 0 },
      { value: -amplitude, text: fixed(dbfs, 0), strong: dbfs === 0 },
    ];
  });
  return {
    at: (value) => (value / reach + 1) / 2,
    ticks: [...ticks, { value: 0, text: "−∞", strong: true }],
  };
}
