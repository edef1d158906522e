// The look of the Wire view as one CSS string: rows of one height, the opened event in a fixed place below them. All within
// .wire-panel, for the views share one sheet.
const px = (size: number): string => `calc(${size}px * var(--ns-scale))`;

export const wireStyles = `
.wire-panel { display: flex; flex-direction: column; height: var(--ns-view-height); font: ${px(13)}/${px(20)} var(--ns-ui-font); color: var(--ns-quiet); }
.wire-panel .about { flex: none; display: flex; flex-wrap: wrap; gap: 0 16px; max-height: 45%; overflow: auto; }
.wire-panel details { min-width: 0; }
.wire-panel details[open] { flex: 1 1 100%; }
.wire-panel summary { width: fit-content; padding: 2px 6px 2px 0; color: var(--ns-text); cursor: pointer; }
.wire-panel pre { margin: 0; padding: 4px 8px; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; color: var(--ns-text); font: ${px(12)}/${px(18)} var(--ns-code-font); }
.wire-panel details pre { background: var(--ns-shade); border-radius: 2px; }
.wire-panel .wire-bar { flex: none; display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 2px 8px; padding: 2px 0; }
.wire-panel .wire-bar .kinds, .wire-bar .search { display: inline-flex; align-items: center; gap: 1px; }
.wire-panel .wire-bar .kinds button { padding: 0 ${px(6)}; }
.wire-panel .wire-bar .kinds button[aria-pressed="true"] { color: var(--ns-text); }
.wire-panel .wire-bar .kinds button[aria-pressed="false"] { text-decoration: line-through; }
.wire-panel .wire-bar .count { color: var(--ns-quiet); font-variant-numeric: tabular-nums; }
.wire-panel .wire-bar input { box-sizing: border-box; width: ${px(130)}; height: ${px(24)}; margin: 0; padding: 0 6px; border: 1px solid var(--ns-line); border-radius: 3px; background: var(--ns-paper); color: var(--ns-text); }
.wire-panel .wire-bar input::placeholder { color: var(--ns-quiet); opacity: 1; }
.wire-panel .wire-bar .found { min-width: ${px(58)}; padding: 0 4px; text-align: end; font-variant-numeric: tabular-nums; white-space: nowrap; }
.wire-panel .wire-bar button:disabled { opacity: 0.45; cursor: default; }

.wire-panel .rows { --row: ${px(24)}; flex: 1 1 0; min-height: 0; overflow: auto; overscroll-behavior: contain; scrollbar-width: thin; border: 1px solid var(--ns-hair); border-radius: 2px; contain: strict; }
.wire-panel .rows .space { position: relative; overflow: hidden; }
.wire-panel .row { position: absolute; inset: 0 0 auto 0; display: grid; grid-template-columns: ${px(44)} ${px(62)} ${px(66)} minmax(0, auto) minmax(0, 1fr); gap: 0 ${px(8)}; box-sizing: border-box; height: var(--row); padding: 0 ${px(8)} 0 0; line-height: var(--row); white-space: nowrap; cursor: pointer; font-variant-numeric: tabular-nums; }
.wire-panel .row > * { overflow: hidden; text-overflow: ellipsis; white-space: pre; }
.wire-panel .row > .number, .row > .at, .row > .gap { text-align: end; }
.wire-panel .row > .at, .row > .name { color: var(--ns-text); }
.wire-panel .row > .name { max-width: ${px(180)}; }
.wire-panel .row > .what { font-family: var(--ns-code-font); font-size: ${px(12)}; }
.wire-panel .row[data-kind="event"] > .what { color: var(--ns-text); }
.wire-panel .row[data-kind="comment"] { opacity: 0.72; font-style: italic; }
.wire-panel .row[data-kind="unknown"] > .name::after { content: " ?"; color: var(--ns-warning); }
.wire-panel .row:hover { background: var(--ns-hover); }
.wire-panel .row[data-found] > .what { text-decoration: underline; text-decoration-color: var(--ns-mark-edge); text-decoration-thickness: 2px; text-underline-offset: 2px; }
.wire-panel .rows:focus-visible .row[aria-selected="true"] { outline: 2px solid var(--ns-focus); outline-offset: -2px; }
.wire-panel .row[data-marked] { background: var(--ns-mark); box-shadow: inset 3px 0 0 var(--ns-mark-edge); }

.wire-panel .detail { flex: none; display: flex; flex-direction: column; height: 34%; min-height: 0; margin-top: 6px; border: 1px solid var(--ns-hair); border-radius: 2px; overflow: hidden; }
.wire-panel .detail-head { flex: none; display: flex; align-items: center; justify-content: space-between; gap: 8px; min-height: ${px(26)}; padding: 0 2px 0 8px; border-bottom: 1px solid var(--ns-hair); font-variant-numeric: tabular-nums; }
.wire-panel .detail-head .what { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.wire-panel .detail pre { flex: 1 1 0; min-height: 0; }
@media print { .wire-panel { height: auto; } }
`;
