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

.timing .timing-figures { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: ${px(10)} ${px(20)}; }
@container (min-width: 42em) { .timing .timing-figures { grid-template-columns: repeat(4, minmax(0, max-content)); column-gap: ${px(32)}; } }
.timing .timing-figures dt { color: var(--ns-quiet); font-size: ${px(12)}; line-height: ${px(16)}; }
.timing .timing-figures dd { display: flex; flex-direction: column; }
.timing .timing-figures .figure-value { font-size: ${px(18)}; line-height: ${px(26)}; font-weight: 600; }
.timing .timing-figures .figure-detail { text-wrap: balance; color: var(--ns-quiet); font-size: ${px(12)}; line-height: ${px(16)}; }
.timing .timing-notes { color: var(--ns-quiet); font-size: ${px(12)}; line-height: ${px(17)}; max-width: 76ch; text-wrap: pretty; }

.timing .timing-parts { display: grid; grid-template-columns: minmax(0, 1fr); gap: ${px(20)} ${px(32)}; }
.timing .timing-column { display: flex; flex-direction: column; gap: ${px(20)}; min-width: 0; }
@container (min-width: 66em) { .timing .timing-parts { grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); } }
.timing .part-title { font-weight: 600; }
.timing .part-words { color: var(--ns-quiet); font-size: ${px(12)}; line-height: ${px(17)}; padding-bottom: ${px(6)}; max-width: 76ch; text-wrap: pretty; }
.timing .timing-column:first-child > :first-child .part-words { min-height: ${px(34)}; }
.timing .readout { min-height: ${px(18)}; color: var(--ns-quiet); font-size: ${px(12)}; line-height: ${px(18)}; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.timing .readout bdi { color: var(--ns-text); font-family: var(--ns-code-font); white-space: pre; }

.timing .plot { display: block; overflow: visible; max-width: 100%; }
.timing .plot .label { fill: var(--ns-quiet); font: ${px(11)} var(--ns-ui-font); font-variant-numeric: tabular-nums; }
.timing .plot .grid { stroke: var(--ns-hair); stroke-width: 1; }
.timing .plot .base { stroke: var(--ns-quiet); stroke-width: 1; opacity: 0.55; }
.timing .plot path { fill: none; }
.timing .plot .dots { stroke: var(--tm-mark); stroke-width: ${px(4)}; stroke-linecap: round; }
.timing .plot .ranges { stroke: var(--tm-mark); stroke-width: 1; }
.timing .plot .stalls { fill: var(--tm-stall); stroke: var(--ns-paper); stroke-width: 1; }
.timing .plot .rule { stroke: var(--tm-stall); stroke-width: 1; stroke-dasharray: 2 4; }
.timing .plot .ring { fill: none; stroke: var(--ns-text); stroke-width: ${px(2)}; }
.timing .plot .hair { stroke: var(--ns-text); stroke-width: 1; }
.timing .plot .place { stroke: var(--ns-text); stroke-width: 1; stroke-dasharray: 4 3; }
.timing .plot .line { stroke: var(--tm-line); stroke-width: ${px(1.5)}; stroke-linejoin: round; }
.timing .plot .fill { fill: var(--tm-fill); }
.timing .plot .bars { fill: var(--tm-mark); }
.timing .plot .marked { fill: var(--tm-line); stroke: var(--ns-text); stroke-width: ${px(2)}; }
.timing .plot .share { stroke: var(--tm-share); stroke-width: 1; }
.timing .plot .name { fill: var(--tm-share); }
.timing .plot .rule-name { fill: var(--tm-stall); }
.timing .plot :is(.name, .rule-name) { stroke: var(--ns-paper); stroke-width: 3; stroke-linejoin: round; paint-order: stroke; }
.timing .plot .field, .timing .plot .seek { fill: transparent; }
.timing .plot .field { cursor: crosshair; }
.timing .plot .seek { cursor: ew-resize; touch-action: none; }
.timing .gap-slider { border-radius: 2px; }
.timing .gap-slider:focus-visible { outline-offset: 0; }

.timing .phases { display: flex; flex-direction: column; gap: ${px(12)}; padding-top: ${px(2)}; }
.timing .phase-title { color: var(--ns-quiet); font-size: ${px(12)}; }
.timing .phase-bar { display: flex; height: ${px(12)}; gap: 1px; background: var(--ns-hover); margin: ${px(2)} 0 ${px(4)}; }
.timing .phase { flex: none; min-width: 1px; box-sizing: border-box; background: var(--tm-line); }
.timing .phase:is([data-kind="open"], [data-kind="queue"]) { background: repeating-linear-gradient(135deg, var(--ns-quiet) 0 1px, transparent 1px 4px); }
.timing .phase[data-kind="load"] { background: repeating-linear-gradient(90deg, var(--ns-quiet) 0 1px, transparent 1px 3px); }
.timing .phase:is([data-kind="wait"], [data-kind="prompt"]) { background: var(--tm-fill); border: 1px solid var(--tm-line); }
.timing .phase-list { list-style: none; min-height: ${px(18)}; display: flex; flex-wrap: wrap; gap: ${px(2)} ${px(16)}; font-size: ${px(12)}; line-height: ${px(18)}; }
.timing .phase-list li { display: flex; align-items: center; gap: ${px(6)}; }
.timing .swatch { width: ${px(12)}; height: ${px(10)}; flex: none; }

.timing .as-table { color: var(--ns-quiet); font-size: ${px(12)}; line-height: ${px(18)}; padding-top: ${px(2)}; }
.timing .as-table summary { cursor: pointer; width: fit-content; }
.timing .as-table table { border-collapse: collapse; margin-top: ${px(4)}; color: var(--ns-text); }
.timing .as-table :is(th, td) { padding: ${px(1)} ${px(20)} ${px(1)} 0; text-align: end; font-weight: 400; white-space: pre; border: 0; background: none; }
.timing .as-table th { color: var(--ns-quiet); }
.timing .as-table :is(th, td):last-child { text-align: start; max-width: 24em; overflow: hidden; text-overflow: ellipsis; padding-inline-end: 0; }
@media (forced-colors: active) { .timing .phase { forced-color-adjust: none; } }
@media print { .timing .readout, .as-table:not([open]) { display: none; } }
`;
