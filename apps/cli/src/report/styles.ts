/**
 * The look of the report: a 4 px grid, one scale of type (12, 14, 16, 20, 28 px) in the system's fonts, and two
 * palettes. Text has a contrast of at least 4.5:1 on its ground, lines of 3:1; mix and master, and the kinds of edges,
 * differ in stroke as well as in colour.
 */
import { Markup } from "./markup.ts";

const LIGHT = `
--paper:#fff;--panel:#f5f6f8;--box:#fff;--ink:#171b21;--muted:#566069;--rule:#d5dae0;--grid:#e6e9ed;--strong:#bcc4cd;
--master:#0f5ca8;--mix:#8a5a00;--reduction:#a03a2c;--target:#1c6b3a;--pass:#1c6b3a;--fail:#b3261e;--rms:.55;
--hue-0:#0f5ca8;--hue-1:#8a5a00;--hue-2:#1c6b3a;--hue-3:#9a2f6d;--hue-4:#5b46b0;--hue-5:#0b6b74;`;

const DARK = `
--paper:#14171b;--panel:#1b1f25;--box:#242a31;--ink:#e7eaee;--muted:#a2acb6;--rule:#3a424b;--grid:#262c33;--strong:#4a535d;
--master:#79b4f2;--mix:#dfae57;--reduction:#ef9483;--target:#7fcb97;--pass:#7fcb97;--fail:#ff9a8f;--rms:.6;
--hue-0:#79b4f2;--hue-1:#dfae57;--hue-2:#7fcb97;--hue-3:#ea9ac6;--hue-4:#b3a5f5;--hue-5:#6fcad3;`;

const PAGE = `
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:14px/20px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans","Liberation Sans",Arial,sans-serif;font-variant-numeric:tabular-nums;overflow-x:clip}
header,main,footer{max-width:1200px;margin:0 auto;padding:0 32px}
header{padding-top:40px}
h1{font-size:28px;line-height:36px;font-weight:650;margin:0;letter-spacing:-.01em;overflow-wrap:anywhere}
h2{font-size:20px;line-height:28px;font-weight:650;margin:0 0 16px}
h3{font-size:16px;line-height:24px;font-weight:650;margin:24px 0 12px}
h4{font-size:14px;line-height:20px;font-weight:650;margin:0 0 8px;overflow-wrap:anywhere}
p{margin:0 0 12px;max-width:80ch}
small{font-size:12px;font-weight:400;color:var(--muted)}
a{color:var(--master)}
main>section,footer>section{padding:24px 0 8px;border-top:1px solid var(--rule);margin-top:8px}
.facts,.aside,.version{color:var(--muted)}
.facts{margin:4px 0 24px}
.visually-hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
nav ul{display:flex;flex-wrap:wrap;gap:4px 20px;list-style:none;margin:20px 0 24px;padding:0}
.scroll{overflow-x:auto}
.scroll:focus-visible,summary:focus-visible,a:focus-visible{outline:2px solid var(--master);outline-offset:2px}`;

const FIGURES = `
.strip{display:grid;grid-template-columns:repeat(5,1fr);margin:0;border:1px solid var(--rule);border-radius:4px;background:var(--panel)}
.strip>div{padding:12px 16px;border-left:1px solid var(--rule);min-width:0}
.strip>div:first-child{border-left:0}
.strip dt{font-size:12px;line-height:16px;color:var(--muted)}
.strip dd{margin:0;white-space:nowrap}
.strip b{font-size:28px;line-height:36px;font-weight:600;letter-spacing:-.01em}
.strip .before{display:block;color:var(--muted);line-height:20px;margin-top:4px}
.strip .unit{color:var(--muted)}
.strip .verdict{font-size:12px;line-height:16px;white-space:normal}
.pass{color:var(--pass)}
.fail{color:var(--fail);text-decoration:underline;text-underline-offset:2px}
table{border-collapse:collapse;text-align:left}
caption{text-align:left;color:var(--muted);padding:0 0 8px}
th,td{padding:4px 16px 4px 0;vertical-align:baseline;border-bottom:1px solid var(--grid);font-weight:400}
thead th{font-size:12px;line-height:16px;color:var(--muted);border-color:var(--strong);vertical-align:bottom}
thead small{display:block}
.n{text-align:right;white-space:nowrap}
.figures th,.figures td{white-space:nowrap}
.figures tbody th{font-weight:600}
.figures tbody small{margin-left:4px}
.levels-and-words{display:flex;flex-wrap:wrap;align-items:flex-start;gap:16px 64px}
.levels-and-words p{flex:1 1 280px;padding-top:28px}
.stems{width:100%}
.stems tbody th{max-width:28ch;overflow:hidden;text-overflow:ellipsis}
.stems .file{color:var(--muted)}
.bar{width:22%;min-width:80px}
.bar span{display:block;height:8px;background:var(--grid);border-radius:2px}
.bar i{display:block;height:8px;background:var(--master);border-radius:2px;print-color-adjust:exact;-webkit-print-color-adjust:exact}`;

const CHARTS = `
figure{margin:0 0 24px}
figcaption{display:flex;flex-wrap:wrap;align-items:baseline;gap:0 16px;margin-bottom:8px}
.chart-title{font-weight:600;flex:1 1 0;min-width:160px;overflow-wrap:anywhere}
.chart .unit{width:44px;text-align:right;margin-right:-8px;font-size:12px;color:var(--muted);white-space:nowrap}
.keys{display:flex;flex-wrap:wrap;gap:0 16px;font-size:12px}
.key{display:inline-flex;align-items:center;gap:6px;white-space:nowrap}
.swatch{width:28px;height:12px;flex:none}
.plot{position:relative;padding:0 16px 20px 52px}
.plot>svg{display:block;width:100%;height:var(--h);overflow:hidden;border-bottom:1px solid var(--strong)}
.y-labels,.x-labels{position:absolute;font-size:12px;line-height:16px;color:var(--muted)}
.y-labels{left:0;top:0;width:44px;height:var(--h)}
.y-labels span{position:absolute;right:0;transform:translateY(-50%);white-space:nowrap}
.x-labels{left:52px;right:16px;top:calc(var(--h) + 6px);height:16px}
.x-labels span{position:absolute;transform:translateX(-50%);white-space:nowrap}
path{fill:none}
.plot path{vector-effect:non-scaling-stroke}
.grid{stroke:var(--grid);stroke-width:1}
.grid.strong{stroke:var(--strong)}
.line{stroke-width:1.75;stroke-linejoin:round}
.mix{--c:var(--mix)}.master{--c:var(--master)}.reduction{--c:var(--reduction)}.ink{--c:var(--ink)}
.line.mix,.line.master,.line.reduction,.line.ink{stroke:var(--c)}
.line.dash{stroke-dasharray:6 3}
.line.thin{stroke-width:1;stroke-opacity:.75}
.line.target{stroke:var(--target);stroke-width:1.5;stroke-dasharray:10 4 2 4}
.line.integrated{stroke:var(--ink);stroke-width:1.5;stroke-dasharray:2 3}
.wave{fill:var(--c);fill-opacity:.35;stroke:var(--c);stroke-width:.5;stroke-opacity:.6}
.wave-rms{fill:var(--c);fill-opacity:.9}
.area.reduction,.area.ink{fill:var(--c);fill-opacity:.14}
.curves{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,480px),1fr));gap:0 24px}
.curves .y-labels{width:64px}.curves .plot{padding-left:72px}.curves .x-labels{left:72px}.curves .unit{width:64px}`;

const GRAPH = `
.graph .scroll{border:1px solid var(--rule);border-radius:4px;padding:8px;margin:8px 0}
.graph .scroll>svg{display:block;width:var(--w);max-width:none;height:auto}
.graph text{font-size:11px;fill:var(--ink)}
.lane>rect:first-child{fill:var(--panel)}
.graph .lane-name{font-size:12px;font-weight:650}
.node rect{fill:var(--box);stroke:var(--strong)}
.node.plugin rect{stroke:var(--ink);stroke-width:1.25}
.node.sum rect,.node.meter rect,.node.output rect,.node.input rect{fill:var(--panel)}
.node.closed rect{stroke-dasharray:3 2}
.node.send rect{stroke-dasharray:4 2}
.graph .name{font-weight:600}
.graph .value{fill:var(--muted)}
.graph .latency{font-size:10px;fill:var(--muted)}
.edge{--e:var(--muted);stroke:var(--e);stroke-width:1.25}
.edge.send{stroke-dasharray:5 3}
.edge.sidechain{stroke-dasharray:1.5 3;stroke-width:1.75;stroke-linecap:round}
.arrow{--e:var(--muted);fill:var(--e)}
.graph .hue{--e:var(--muted);fill:var(--e)}
.graph .destination{--e:var(--muted);font-size:10px;fill:var(--e)}
${[0, 1, 2, 3, 4, 5].map((i) => `.edge.hue-${i},.arrow.hue-${i},.hue.hue-${i},.graph .destination.hue-${i}{--e:var(--hue-${i})}`).join("")}`;

const SETTINGS = `
.channels{columns:3 320px;column-gap:32px}
.channel{break-inside:avoid;margin:0 0 16px;padding:12px 16px;border:1px solid var(--rule);border-radius:4px}
.chain{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,320px),1fr));gap:16px 32px;align-items:start}
.chain>*{border:1px solid var(--rule);border-radius:4px;padding:8px 16px;margin:0}
.levels{margin:0 0 8px;display:grid;grid-template-columns:repeat(auto-fill,minmax(112px,1fr));gap:4px 16px}
.levels dt{font-size:12px;line-height:16px;color:var(--muted)}
.levels dd{margin:0}
.levels,.params,.method,footer li{overflow-wrap:anywhere}
.params{width:100%;margin-top:8px}
.params caption{color:var(--ink);font-weight:600;padding-bottom:0}
.params caption small{margin-left:8px}
.params th,.params td{padding:2px 8px 2px 0;font-size:12px;line-height:16px}
.params .n{padding:2px 0 2px 8px}
.params tbody td:last-child{color:var(--muted)}
.params thead th{border-color:var(--rule)}
.kept th{width:30%}
details{margin:4px 0 8px;font-size:12px}
summary{cursor:pointer;color:var(--muted);line-height:20px}
.method{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,320px),1fr));gap:12px 32px;margin:16px 0}
.method dt{font-weight:600}
.method dd{margin:0;color:var(--muted)}
footer{padding-bottom:48px}`;

const NARROW = `
@media (min-width:1264px){.graph .scroll{width:max(100%,min(var(--w) + 18px,100vw - 64px));position:relative;left:50%;transform:translateX(-50%)}}
@media (max-width:900px){.strip{grid-template-columns:repeat(6,1fr)}.strip>div{grid-column:span 2}.strip>div:nth-child(-n+2){grid-column:span 3}
.strip>div:nth-child(3){border-left:0}.strip>div:nth-child(n+3){border-top:1px solid var(--rule)}}
@media (max-width:600px){header,main,footer{padding-left:16px;padding-right:16px}header{padding-top:24px}
.minor{display:none}.bar{display:none}.keys{flex-basis:100%;padding-left:52px}.graph .keys{padding-left:0}.curves .keys{padding-left:72px}.key{white-space:normal}.levels-and-words p{padding-top:0}
.stems tbody th,.stems thead th:first-child{position:sticky;left:0;background:var(--paper);max-width:14ch}
.strip>div{padding:12px}.strip b{font-size:20px;line-height:28px}
.strip{grid-template-columns:1fr 1fr}.strip>div,.strip>div:nth-child(-n+2){grid-column:auto}.strip>div:nth-child(odd){border-left:0}.strip>div:nth-child(3){border-left:0}
.strip>div:last-child{grid-column:1/-1}.strip .before{font-size:12px}}`;

const PRINT = `
@media print{@page{margin:12mm}@page wide{size:A3 landscape;margin:12mm}.graph.wide{page:wide}
body{font-size:12px;line-height:16px}header,main,footer{max-width:none;padding-left:0;padding-right:0}header{padding-top:0}
nav{display:none}figure,tr,.strip{break-inside:avoid}h2,h3,h4{break-after:avoid}
.scroll{overflow:visible}.graph .scroll{border:0;padding:0}.graph .scroll>svg{width:100%;max-width:var(--w)}
.channels{columns:2}details::details-content{content-visibility:visible;block-size:auto}
.area,.wave,.wave-rms,rect,.strip{print-color-adjust:exact;-webkit-print-color-adjust:exact}}`;

const css = [
  `:root{color-scheme:light dark;${LIGHT}}`,
  `@media screen and (prefers-color-scheme:dark){:root{${DARK}}}`,
  ...[PAGE, FIGURES, CHARTS, GRAPH, SETTINGS, NARROW, PRINT],
];

/** Ours alone: nothing of the data goes into it. */
export const STYLES = new Markup(`<style>${css.join("").replaceAll("\n", "")}</style>`);
