// The look of the Timing view as one CSS string: figures in a row, below them quiet pictures with fine lines. All sizes
// follow --ns-scale; what a colour tells, a shape or words tell too.

const px = (size: number): string => `calc(${size}px * var(--ns-scale, 1))`;

// The accent is ours where the host's is too faint for a mark on its paper (JupyterLab's #2196f3 is 3.1:1 on white).
export const timingStyles = `
.timing {
  --tm-line: #1565c0;
  --tm-fill: rgba(21, 101, 192, 0.12);
  --tm-mark: rgba(21, 101, 192, 0.76);
  --tm-stall: #b3261e;
  --tm-share: #8a5000;
  container-type: inline-size;
  display: flex;
  flex-direction: column;
  gap: ${px(16)};
  min-width: 0;
  color: var(--ns-text);
  font: ${px(13)}/${px(20)} var(--ns-ui-font);
  font-variant-numeric: tabular-nums;
}
:host([data-theme="dark"]) .timing { --tm-line: #7ab7f5; --tm-fill: rgba(122, 183, 245, 0.16); --tm-mark: rgba(122, 183, 245, 0.72); --tm-stall: #ff8a80; --tm-share: #ffb74d; }
.timing p, .timing dl, .timing dd, .timing figure, .timing ul { margin: 0; padding: 0; }

.timing-figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(${px(108)}, max-content)); gap: ${px(8)} ${px(24)}; }
.timing-figures > div { max-width: ${px(190)}; }
.timing-figures dt { color: var(--ns-quiet); font-size: ${px(12)}; line-height: ${px(16)}; }
.timing-figures dd { display: flex; flex-direction: column; }
.timing-figures .value { font-size: ${px(18)}; line-height: ${px(26)}; font-weight: 600; }
.timing-figures .detail { color: var(--ns-quiet); font-size: ${px(12)}; line-height: ${px(16)}; }
.timing .timing-notes { color: var(--ns-quiet); font-size: ${px(12)}; line-height: ${px(17)}; max-width: 76ch; text-wrap: pretty; }

.timing-parts { display: grid; grid-template-columns: minmax(0, 1fr); gap: ${px(20)} ${px(32)}; }
.timing-column { display: flex; flex-direction: column; gap: ${px(20)}; min-width: 0; }
@container (min-width: 860px) { .timing-parts { grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); } }
.part-title { font-weight: 600; }
.timing .part-words { color: var(--ns-quiet); font-size: ${px(12)}; line-height: ${px(17)}; padding-bottom: ${px(6)}; max-width: 76ch; text-wrap: pretty; }
.timing .readout { min-height: ${px(18)}; color: var(--ns-quiet); font-size: ${px(12)}; line-height: ${px(18)}; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.readout bdi { color: var(--ns-text); font-family: var(--ns-code-font); white-space: pre; }

.plot { display: block; overflow: visible; max-width: 100%; }
.plot .label { fill: var(--ns-quiet); font: ${px(11)} var(--ns-ui-font); font-variant-numeric: tabular-nums; }
.plot .grid { stroke: var(--ns-hair); stroke-width: 1; }
.plot .base { stroke: var(--ns-quiet); stroke-width: 1; opacity: 0.55; }
.plot path { fill: none; }
.plot .dots { stroke: var(--tm-mark); stroke-width: ${px(4)}; stroke-linecap: round; }
.plot .ranges { stroke: var(--tm-mark); stroke-width: 1; }
.plot .stalls { fill: var(--tm-stall); stroke: var(--ns-paper); stroke-width: 1; }
.plot .rule { stroke: var(--tm-stall); stroke-width: 1; stroke-dasharray: 2 4; }
.plot .ring { fill: none; stroke: var(--ns-text); stroke-width: ${px(2)}; }
.plot .hair { stroke: var(--ns-text); stroke-width: 1; }
.plot .place { stroke: var(--ns-text); stroke-width: 1; stroke-dasharray: 4 3; }
.plot .line { stroke: var(--tm-line); stroke-width: ${px(1.5)}; stroke-linejoin: round; }
.plot .fill { fill: var(--tm-fill); }
.plot .bars { fill: var(--tm-mark); }
.plot .marked { fill: var(--tm-line); stroke: var(--ns-text); stroke-width: ${px(2)}; }
.plot .share { stroke: var(--tm-share); stroke-width: 1; }
.plot .name { fill: var(--tm-share); }
.plot .rule-name { fill: var(--tm-stall); }
.plot :is(.name, .rule-name) { stroke: var(--ns-paper); stroke-width: 3; stroke-linejoin: round; paint-order: stroke; }
.plot .field, .plot .seek { fill: transparent; }
.plot .field { cursor: crosshair; }
.plot .seek { cursor: ew-resize; touch-action: none; }
.gap-slider { border-radius: 2px; }
.gap-slider:focus-visible { outline-offset: 0; }

.phases { display: flex; flex-direction: column; gap: ${px(12)}; padding-top: ${px(2)}; }
.phase-title { color: var(--ns-quiet); font-size: ${px(12)}; }
.phase-bar { display: flex; height: ${px(12)}; gap: 1px; background: var(--ns-hover); margin: ${px(2)} 0 ${px(4)}; }
.phase { flex: none; min-width: 1px; box-sizing: border-box; background: var(--tm-line); }
.phase:is([data-kind="open"], [data-kind="queue"]) { background: repeating-linear-gradient(135deg, var(--ns-quiet) 0 1px, transparent 1px 4px); }
.phase[data-kind="load"] { background: repeating-linear-gradient(90deg, var(--ns-quiet) 0 1px, transparent 1px 3px); }
.phase:is([data-kind="wait"], [data-kind="prompt"]) { background: var(--tm-fill); border: 1px solid var(--tm-line); }
.timing .phase-list { list-style: none; display: flex; flex-wrap: wrap; gap: ${px(2)} ${px(16)}; font-size: ${px(12)}; line-height: ${px(18)}; }
.phase-list li { display: flex; align-items: center; gap: ${px(6)}; }
.swatch { width: ${px(12)}; height: ${px(10)}; flex: none; }

.as-table { color: var(--ns-quiet); font-size: ${px(12)}; line-height: ${px(18)}; padding-top: ${px(2)}; }
.as-table summary { cursor: pointer; width: fit-content; }
.as-table table { border-collapse: collapse; margin-top: ${px(4)}; color: var(--ns-text); }
.as-table :is(th, td) { padding: ${px(1)} ${px(20)} ${px(1)} 0; text-align: end; font-weight: 400; white-space: pre; border: 0; background: none; }
.as-table th { color: var(--ns-quiet); }
.as-table :is(th, td):last-child { text-align: start; max-width: 24em; overflow: hidden; text-overflow: ellipsis; padding-inline-end: 0; }
@media (forced-colors: active) { .phase { forced-color-adjust: none; } }
@media print { .timing .readout, .as-table:not([open]) { display: none; } }
`;
