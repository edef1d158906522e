// The look of a comparison as one CSS string: a quiet table with the host's fonts and colours, one line above it. What an
// answer looks like is the core's.
import { hostStyles } from "../hoststyles";

// A cell's answer scrolls only in the cell that has the focus: the wheel over the others moves the grid and the page.
// Fades at the edge tell that there is more. The grid has a scroller of its own, for an output area is no place that a
// header could stick to. It ends a pixel before the host, which clips: between two pixels the border would be lost.
const grid = `
:host {
  --ns-line: var(--jp-border-color2, var(--vscode-panel-border, rgba(128, 128, 128, 0.35)));
  --ns-shade: var(--jp-layout-color2, rgba(128, 128, 128, 0.14));
  --ns-good: #1b6e3a;
  --ns-gone: #b3261e;
  padding-inline-start: 0;
}
:host([data-theme="dark"]) { --ns-good: #81c995; --ns-gone: #ff8a80; }
button, select, input { font: inherit; color: inherit; }
button { box-sizing: border-box; height: 22px; margin: 0; padding: 0 7px; border: 0; border-radius: 3px; background: none; cursor: pointer; white-space: nowrap; }
button:not([aria-disabled="true"]):hover { background: var(--ns-hover); color: var(--ns-text); }
button[aria-disabled="true"] { cursor: default; opacity: 0.7; }

.bar {
  position: sticky; top: 0; z-index: 4;
  display: flex; flex-wrap: wrap; align-items: center; gap: 4px 14px;
  height: auto; min-height: 32px; padding: 4px 0 6px; box-sizing: border-box;
  background: var(--ns-paper); color: var(--ns-quiet); font: 13px/20px var(--ns-ui-font);
}
.progress { flex: 1 1 auto; margin-inline-end: auto; min-width: 0; color: var(--ns-text); font-variant-numeric: tabular-nums; }
.choosers { display: flex; flex-wrap: wrap; gap: 4px 14px; }
.chooser { display: inline-flex; align-items: center; gap: 6px; }
.sort, .show { display: inline-flex; align-items: center; gap: 4px; }
select, input { box-sizing: border-box; height: 24px; margin: 0; padding: 0 4px; border: 1px solid var(--ns-line); border-radius: 3px; background: var(--ns-paper); color: var(--ns-text); }
select { max-width: 9.5em; }
input { width: 8em; padding: 0 6px; }
input::placeholder { color: var(--ns-quiet); opacity: 1; }
.turn { min-width: 24px; }
.stop-all { color: var(--ns-text); font-weight: 600; }
.stop-all span { font-size: 10px; vertical-align: 1px; }
.note, .nothing { padding: 0 0 6px; color: var(--ns-quiet); font: 13px/20px var(--ns-ui-font); overflow-wrap: anywhere; }
.legend { display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 16px; padding: 0 0 6px; color: var(--ns-quiet); font: 13px/20px var(--ns-ui-font); }
.legend strong { color: var(--ns-text); font-weight: 600; }
.legend .unpin { height: 20px; }

.scroll { overflow: auto; max-height: max(320px, min(80vh, 1000px)); border: 1px solid var(--ns-line); border-radius: 2px; box-sizing: border-box; margin-bottom: 1px; scrollbar-width: thin; }
.grid { display: grid; grid-template-columns: minmax(124px, 176px) repeat(var(--columns), minmax(220px, 1fr)); min-width: min-content; }
.grid[data-no-rows] { grid-template-columns: repeat(var(--columns), minmax(220px, 1fr)); }
.row { display: contents; }
.columnheader, .rowheader { box-sizing: border-box; background: var(--ns-paper); font: 13px/18px var(--ns-ui-font); color: var(--ns-text); overflow-wrap: anywhere; }
.columnheader { position: sticky; top: 0; z-index: 2; padding: 6px 10px; border-bottom: 1px solid var(--ns-line); font-weight: 600; }
.columnheader + .columnheader { border-inline-start: 1px solid var(--ns-line); }
.corner + .columnheader { border-inline-start: 0; }
.corner { border-inline-end: 1px solid var(--ns-line); inset-inline-start: 0; z-index: 3; font-weight: 400; }
.corner .axis { line-height: 18px; }
.rowheader { position: sticky; inset-inline-start: 0; z-index: 1; padding: 8px 10px; border-inline-end: 1px solid var(--ns-line); }
.row:not(:last-child) > .rowheader, .row:not(:last-child) > .cell { border-bottom: 1px solid var(--ns-line); }
.cell + .cell { border-inline-start: 1px solid var(--ns-line); }
.label + .label { margin-top: 6px; }
.axis { display: block; color: var(--ns-quiet); font-size: 12px; line-height: 16px; }
.value { display: block; white-space: pre-line; }
.columnheader .label :is(.axis, .value:not(.clamped, .detail)) { display: inline; font-weight: 400; }
.columnheader .label .value:not(.detail) { font-weight: 600; }
.detail { color: var(--ns-quiet); font-weight: 400; }
.clamped { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 6; overflow: hidden; }
.detail.clamped { -webkit-line-clamp: 4; }
.columnheader .clamped { -webkit-line-clamp: 2; }
.more { height: 18px; padding: 0 4px; margin-inline-start: -4px; color: var(--ns-quiet); font-weight: 400; font-size: 12px; }

.cell { position: relative; display: flex; flex-direction: column; min-width: 0; box-sizing: border-box; padding: 6px 10px 8px; }
.cell:focus-visible { outline-offset: -2px; }
.cell[data-pinned] { box-shadow: inset 3px 0 0 var(--ns-focus); }
.cell[data-out] > * { visibility: hidden; }
.cell[data-out] { contain: size; overflow: hidden; background: repeating-linear-gradient(135deg, transparent 0 6px, var(--ns-hover) 6px 7px); }
.blank { background: var(--ns-hover); }
.pane { container-type: inline-size; }
.panel, .pane { display: flex; flex-direction: column; flex: 1 1 auto; min-width: 0; }
.run { display: flex; align-items: center; gap: 4px; height: 24px; color: var(--ns-quiet); font: 12px/20px var(--ns-ui-font); }
.how { flex: 1 1 0; min-width: 0; overflow: hidden; white-space: nowrap; text-overflow: ellipsis; }
.mark:not(:empty) { margin-inline-end: 4px; }
.run[data-tone="running"] .words { color: var(--ns-text); }
.run[data-tone="error"] .how { color: var(--ns-error); }
.run[data-tone="warning"] .how { color: var(--ns-warning); }
.run[data-tone="stopped"] .how { color: var(--ns-text); }
.run[data-tone="stopped"] .mark { font-size: 10px; }
.doings { flex: none; display: flex; margin-inline-end: -2px; gap: 1px; font-size: 11px; }
@container (max-width: 239px) { .cell:is(:hover, :focus-within) .mark { display: none; } }
.enlarged .doings { margin-inline-end: -7px; font-size: inherit; }
.doings button { padding: 0 2px; }
.continue { flex: none; align-self: flex-start; margin: 4px 0 0 -4px; padding: 0 4px; color: var(--ns-text); font: 600 12px/20px var(--ns-ui-font); }
.enlarged .doings button { padding: 0 7px; }
.doings .copy { min-width: 0; }
.doings .stop { color: var(--ns-text); font-weight: 600; }
.doings [aria-pressed="true"] { color: var(--ns-text); font-weight: 600; }
@media (hover: hover) {
  .cell:not(:hover, :focus-within) .doings > :not(.stop, [aria-pressed="true"]) { width: 0; padding: 0; opacity: 0; overflow: hidden; }
}
.body { flex: 1 1 auto; max-height: 260px; overflow: hidden; scrollbar-width: thin; margin-inline-end: -8px; padding-inline-end: 8px; }
.cell:focus-within .body, .enlarged .body { overflow-y: auto; }
.body[data-below] { mask-image: linear-gradient(to bottom, #000 calc(100% - 28px), transparent); }
.body[data-above] { mask-image: linear-gradient(to bottom, transparent, #000 28px); }
.body[data-above][data-below] { mask-image: linear-gradient(to bottom, transparent, #000 28px, #000 calc(100% - 28px), transparent); }
.cell:focus-within .body { mask-image: none; }
.inner .ns-markdown { font-size: 13px; line-height: 1.5; }
.inner .ns-markdown > :last-child { margin-bottom: 0; }
.cell .ns-markdown h1 { font-size: 1.4em; }
.cell .ns-markdown h2 { font-size: 1.25em; }
.cell .ns-markdown h3 { font-size: 1.12em; }
.cell .ns-markdown :is(h4, h5, h6) { font-size: 1em; }
.cell .ns-markdown blockquote { margin-inline: 0.5em; }
.inner [part="finish"], .inner [part="error"] { font-size: 13px; }
.plain { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 13px; line-height: 1.5; }
ins { text-decoration: underline; text-decoration-thickness: 2px; text-underline-offset: 2px; color: var(--ns-good); }
del { text-decoration: line-through; color: var(--ns-gone); }
.cut { color: var(--ns-quiet); font-size: 12px; white-space: nowrap; }
:is(del, .cut) + ins { margin-inline-start: 3px; }
.trouble { padding: 2px 0; font: 13px/18px var(--ns-ui-font); color: var(--ns-text); overflow-wrap: anywhere; }
.trouble .hint { display: block; color: var(--ns-quiet); }
.figures { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 2px 8px; margin: auto 0 0; padding-top: 6px; font: 11px/15px var(--ns-ui-font); color: var(--ns-quiet); font-variant-numeric: tabular-nums; }
.figures[data-cost] { grid-template-columns: repeat(4, minmax(0, 1fr)) minmax(0, 1.5fr); }
@container (max-width: 289px) {
  .figures[data-cost] { grid-template-columns: repeat(3, minmax(0, 1fr)); }
  .figures[data-cost] .figure:last-child { grid-column: span 2; }
}
.figure { min-width: 0; }
.figure dt, .figure dd { margin: 0; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.figure[data-best] :is(dt, dd) { color: var(--ns-text); }
.figure[data-best] dd { font-weight: 600; }
.best { color: var(--ns-good); font-weight: 700; }
.gauge { height: 3px; margin-top: 2px; border-radius: 1px; background: var(--ns-shade); overflow: hidden; }
.fill { display: block; height: 100%; width: 0; background: var(--ns-quiet); }
.figure[data-best] .fill { background: var(--ns-good); }
.tabs { display: flex; gap: 2px; margin: 0 0 2px -6px; font: 12px/18px var(--ns-ui-font); color: var(--ns-quiet); }
.tabs button { height: 20px; min-width: 22px; padding: 0 6px; }
.tabs [aria-selected="true"] { color: var(--ns-text); font-weight: 600; box-shadow: inset 0 -2px 0 var(--ns-focus); border-radius: 0; }
.tabs [data-best]::before { content: "✓ "; color: var(--ns-good); font-weight: 700; }
.tabs [data-status="failed"]::after { content: " ⚠"; color: var(--ns-error); }
.tabs [data-status="running"]::after, .tabs [data-status="queued"]::after { content: " …"; }
.agreement { margin-bottom: 2px; color: var(--ns-quiet); font: 12px/16px var(--ns-ui-font); overflow-wrap: anywhere; }

.enlarged { margin: 0 0 8px; padding: 8px 12px 10px; border: 1px solid var(--ns-line); border-radius: 2px; }
.enlarged .title { font: 600 13px/20px var(--ns-ui-font); overflow-wrap: anywhere; }
.enlarged .body { max-height: min(60vh, 640px); }
.enlarged .inner .ns-markdown, .enlarged .plain { font-size: var(--jp-content-font-size1, 14px); line-height: var(--jp-content-line-height, 1.6); }
.enlarged .figures { max-width: 420px; }
@media (max-width: 760px) { :host { padding-inline-start: 6px; } }
@media (forced-colors: active) {
  button { border: 1px solid ButtonText; }
  .fill { background: CanvasText; forced-color-adjust: none; }
  .cell[data-pinned] { outline: 2px solid Highlight; outline-offset: -3px; }
}
@media print {
  .scroll, .body { max-height: none; overflow: visible; mask-image: none !important; }
  .doings, .chooser, .sort, .show, .stop-all, .unseen { display: none; }
}
`;

export const gridStyles = hostStyles + grid;
