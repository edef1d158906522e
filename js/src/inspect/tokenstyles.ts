// The look of the Tokens view as one CSS string. The scale of colours is one hue that goes from the ground's own tone to a
// strong one, so it is told apart by lightness alone; a line below that thickens says the same without colour.

/** Grounds of the steps, the likeliest first, and the text on them; a test holds their contrast. */
export const SCALES = {
  light: { text: "#1f1f1f", steps: ["#ffffff", "#fdeccb", "#fbd28f", "#f4ac55", "#e58a33"], line: "#9a5a12" },
  dark: { text: "#f2f2f2", steps: ["#111111", "#3a2d15", "#5a4214", "#7a5310", "#96600a"], line: "#f0b25e" },
} as const;

const colours = ({ text, steps, line }: (typeof SCALES)["light" | "dark"]): string =>
  `--ns-on-step: ${text}; --ns-step-line: ${line}; ${steps.map((step, number) => `--ns-step-${number}: ${number === 0 ? "transparent" : step};`).join(" ")}`;

// Bounds are ticks at the start of a token, drawn as grounds: they take no room, so that words are not torn apart. A chunk
// clips what it paints, so the room for an outline at its sides is its own.
export const tokenStyles = `
.tokens { ${colours(SCALES.light)} --ns-tick: #8f8f8f; --ns-mark: rgba(31, 31, 31, 0.72); font: calc(13px * var(--ns-scale, 1))/1.5 var(--ns-ui-font); padding-inline: 3px; color: var(--ns-text); container-type: inline-size; }
:host([data-theme="dark"]) .tokens { ${colours(SCALES.dark)} --ns-tick: #8a8a8a; --ns-mark: rgba(242, 242, 242, 0.76); }
.tokens p, .tokens ul, .tokens ol, .tokens dl, .tokens dd { margin: 0; padding: 0; }
.tokens ul, .tokens ol { list-style: none; }
.tokens button, .tokens input { box-sizing: border-box; margin: 0; font: inherit; color: inherit; border-radius: 3px; }
.tokens button { height: 1.85em; padding: 0 0.6em; border: 0; background: none; cursor: pointer; white-space: nowrap; }
.tokens button:hover { background: var(--ns-hover); }
.tokens input { min-width: 0; height: 1.85em; padding: 0 0.45em; border: 1px solid var(--ns-hair); background: var(--ns-paper); font-family: var(--ns-code-font); }
.tokens input::placeholder { color: var(--ns-quiet); opacity: 1; font-family: var(--ns-ui-font); }
.tokens .bar { display: flex; align-items: flex-start; justify-content: space-between; gap: 0.3em 1.2em; min-height: 2.2em; }
.tokens .toggle { flex: none; }
.tokens .toggle[aria-pressed="true"] { font-weight: 600; box-shadow: inset 0 -2px 0 var(--ns-focus); border-radius: 0; }
.tokens .legend { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 1.2em; padding-top: 0.17em; color: var(--ns-quiet); }
.tokens .legend ul { display: flex; flex-wrap: wrap; gap: 0.4em 0.5em; }
.tokens .legend .swatch { padding-inline: 0.4em; font-size: 0.92em; font-variant-numeric: tabular-nums; }
.tokens .note { padding: 0.17em 0 0.6em; color: var(--ns-quiet); max-width: 60em; text-wrap: pretty; }
.tokens .note code { font-family: var(--ns-code-font); color: var(--ns-text); }

.tokens .strip { margin-bottom: 0.6em; }
.tokens .caption { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1.2em; font-size: 0.92em; color: var(--ns-quiet); font-variant-numeric: tabular-nums; }
.tokens .plane { display: flex; gap: 0.4em; height: 2.9em; }
.tokens .axis { display: flex; flex-direction: column; justify-content: space-between; min-width: 1em; font-size: 0.85em; line-height: 1; text-align: end; font-variant-numeric: tabular-nums; }
.tokens .plot { position: relative; flex: 1; border-bottom: 1px solid var(--ns-tick); cursor: crosshair; touch-action: none; }
.tokens .bars { position: absolute; inset: 0; background: var(--ns-quiet); clip-path: var(--ns-shape); }
.tokens .cursor { position: absolute; inset-block: 0; min-width: 2px; background: var(--ns-focus); opacity: 0.75; pointer-events: none; }

.tokens .two { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 21em); gap: 0.6em 1.5em; }
.tokens .list { position: relative; height: 23em; margin: 0 -3px; padding-block: 3px; box-sizing: border-box; overflow: auto; overscroll-behavior: contain; scrollbar-width: thin; overflow-wrap: anywhere; font: 1.08em/1.75 var(--ns-code-font); color: var(--ns-on-step); cursor: default; }
.tokens .chunk { content-visibility: auto; contain-intrinsic-size: auto 20em; padding-inline: 3px; }
.tokens .chunk[data-out] { content-visibility: hidden; contain-intrinsic-size: none; height: 0; overflow: hidden; }
.tokens :is(.token, .swatch) { white-space: pre; unicode-bidi: isolate; padding: 0.12em 1px; color: var(--ns-on-step); border-bottom: 0 solid var(--ns-step-line); background: linear-gradient(var(--ns-tick), var(--ns-tick)) no-repeat left / 1px 100%; }
.tokens .token.long { white-space: break-spaces; }
.tokens .token[data-ends] { padding-inline-end: 0; }
.tokens [data-step="1"] { background-color: var(--ns-step-1); border-bottom-width: 1px; }
.tokens [data-step="2"] { background-color: var(--ns-step-2); border-bottom-width: 2px; }
.tokens [data-step="3"] { background-color: var(--ns-step-3); border-bottom-width: 3px; }
.tokens [data-step="4"] { background-color: var(--ns-step-4); border-bottom-width: 4px; }
.tokens .token[data-lit] { border-top: 2px solid var(--ns-focus); }
.tokens .token[data-pointed] { outline: 2px solid var(--ns-focus); outline-offset: 0; border-radius: 1px; }
.tokens .token[data-pointed="held"] { outline-width: 3px; }
.tokens .list [data-mark]::before { content: attr(data-mark); color: var(--ns-mark); }
.tokens .list [data-mark]::before { content: attr(data-mark) / ""; }
.tokens .list .blank::before { position: absolute; }
.tokens .veil::before { content: "?"; display: inline-block; min-width: 4em; margin-inline-start: 3px; text-align: center; color: var(--ns-quiet); background: repeating-linear-gradient(135deg, transparent 0 5px, var(--ns-hover) 5px 7px); border-bottom: 1px solid var(--ns-tick); }

.tokens .side { height: 25em; margin-inline: -0.6em -3px; padding-inline: 0.6em 3px; box-sizing: border-box; overflow: auto; scrollbar-width: thin; }
.tokens .hint { max-width: 22em; }
.tokens .head { display: flex; align-items: baseline; justify-content: space-between; gap: 0.6em; min-height: 1.9em; }
.tokens code.name { font: 600 1.3em/1.35 var(--ns-code-font); padding: 0 0.25em; margin-inline-start: -0.25em; overflow: hidden; text-overflow: ellipsis; white-space: pre; unicode-bidi: isolate; }
.tokens .head .quiet { flex: none; font-variant-numeric: tabular-nums; }
.tokens .figures { display: grid; gap: 0 0.8em; padding: 0.25em 0 0.6em; font-variant-numeric: tabular-nums; }
.tokens .figures > div { display: grid; grid-template-columns: 6.6em minmax(0, 1fr); }
.tokens .figures dt { color: var(--ns-quiet); }
.tokens .row { display: grid; grid-template-columns: minmax(0, 7.5em) minmax(2em, 1fr) 4.6em; gap: 0.6em; align-items: center; width: 100%; height: 1.7em; padding: 0; text-align: start; }
.tokens .what { font: 1em/1.5 var(--ns-code-font); overflow: hidden; text-overflow: ellipsis; white-space: pre; unicode-bidi: isolate; }
.tokens .others .what { font-family: var(--ns-ui-font); }
.tokens .aside { padding-bottom: 0.2em; color: var(--ns-quiet); }
.tokens button.row:is(:hover, :focus-visible) .what { text-decoration: underline; text-underline-offset: 0.2em; }
.tokens .much { text-align: end; font-variant-numeric: tabular-nums; }
.tokens .gauge { height: 0.62em; background: var(--ns-hover); }
.tokens .fill { display: block; height: 100%; min-width: 1px; background: var(--ns-quiet); }
.tokens [data-own] :is(.what, .much) { font-weight: 600; }
.tokens [data-own] .fill { background: var(--ns-focus); }
.tokens .others .fill { background: repeating-linear-gradient(90deg, var(--ns-quiet) 0 2px, transparent 2px 4px); }

.tokens .asking { display: flex; flex-wrap: wrap; align-items: end; gap: 0.4em; padding: 0.3em 0; }
.tokens .asking label { flex: 1 1 100%; display: grid; gap: 0.15em; }
.tokens .check, .tokens .next { margin-inline-start: -0.6em; font-weight: 600; }
.tokens .guess .detail { padding-top: 0.6em; }
.tokens .guess .quiet:last-child { padding-top: 0.4em; }
.tokens .verdict { min-height: 1.5em; overflow-wrap: anywhere; }
.tokens .verdict[data-right="true"] { font-weight: 600; }
.tokens[data-pieces] .list { height: auto; min-height: 11em; max-height: 23em; }
.tokens[data-pieces] .side { height: 12em; }
@container (max-width: 560px) {
  .tokens .two { grid-template-columns: minmax(0, 1fr); }
  .tokens .list { height: 12em; }
}
@media (forced-colors: active) {
  .tokens .bars, .tokens .fill { background: CanvasText; forced-color-adjust: none; }
  .tokens button { border: 1px solid ButtonText; }
}
@media print { .tokens :is(.list, .side) { height: auto; overflow: visible; } }
`;
