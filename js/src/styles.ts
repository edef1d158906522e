// The look of a stream as one CSS string: it must read like the Markdown cell beside it, with one quiet line below.
// Sizes and text colours are the host's (hoststyles.ts).
import { hostStyles } from "./hoststyles";
import { markdownStyles } from "./markdown/index";
import { answerStyles } from "./view/styles";

// The last block of the last block, where the text grows.
const END =
  "[data-live] > .ns-markdown :is(p, h1, h2, h3, h4, h5, h6, .ns-lines, code:empty, li:not(:has(> :is(p, ul, ol, blockquote, div)))):last-child:not(.ns-markdown :not(:last-child) *, p *)";

// Reasoning is low while live, so that folding it when the answer begins moves the page little.
const frame = `
[part="answer"] { overflow-wrap: anywhere; }

/* The calm cursor at the growing end: it takes no room and pushes nothing. It breathes where the text waits; while the
   text moves it is still, for each frame of an animation costs, and nobody could see it breathe. */
${END}::after {
  content: "";
  display: inline-block;
  width: 0.45em;
  height: 1em;
  margin: 0 -0.6em 0 0.15em;
  vertical-align: -0.15em;
  border-radius: 1px;
  background: currentColor;
  opacity: 0.45;
}
[data-waits]${END}::after { animation: breathe 1.6s ease-in-out infinite; }
@keyframes breathe { 50% { opacity: 0.12; } }
@media (prefers-reduced-motion: reduce) { [part="answer"] ::after { animation: none !important; } }

details > summary {
  width: fit-content;
  padding: 2px 6px 2px 0;
  cursor: pointer;
  color: var(--ns-quiet);
  font: 13px/1.5 var(--ns-ui-font);
}
details > summary code { font: 13px/1.5 var(--ns-code-font); color: var(--ns-text); }
[part="reasoning"] { margin: 0 0 4px; }
.reasoning {
  max-height: 15em;
  overflow: auto;
  overscroll-behavior: contain;
  margin: 2px 0 4px 4px;
  padding-left: 12px;
  border-left: 2px solid var(--ns-hair);
}
[data-live] > .reasoning { max-height: 9em; }
.reasoning .ns-markdown { color: var(--ns-quiet); font-size: 0.93em; }
.reasoning .ns-markdown > :last-child { margin-bottom: 0; }
.tool pre {
  max-height: 20em;
  overflow: auto;
  margin: 2px 0 8px 4px;
  padding: 2px 0 2px 12px;
  border-left: 2px solid var(--ns-hair);
  white-space: pre-wrap;
  overflow-wrap: anywhere;
  font: var(--jp-code-font-size, 13px)/1.5 var(--ns-code-font);
}
.tool pre code { font: inherit; }
[part="refusal"] { margin: 0.5em 0; overflow-wrap: anywhere; white-space: pre-wrap; }
[part="citations"] { font-size: 0.93em; overflow-wrap: anywhere; }
[part="citations"] ol { margin: 4px 0 8px; padding-inline-start: 2em; }
[part="citations"] li::marker { color: var(--ns-quiet); font-variant-numeric: tabular-nums; }
[part="citations"] a { color: var(--jp-content-link-color, var(--vscode-textLink-foreground, LinkText)); unicode-bidi: isolate; }
[part="citations"] q { color: var(--ns-quiet); }
[part="error"] { display: flex; gap: 8px; margin: 4px 0; overflow-wrap: anywhere; }
[part="error"] .icon { color: var(--ns-error); }
[part="error"] .hint { display: block; color: var(--ns-quiet); }
[part="notice"] { color: var(--ns-quiet); font: 13px/1.5 var(--ns-ui-font); overflow-wrap: anywhere; }

[part="status"] {
  display: flex;
  align-items: center;
  gap: 12px;
  height: 32px;
  padding-bottom: 4px;
  box-sizing: border-box;
  color: var(--ns-quiet);
  font: 13px/20px var(--ns-ui-font);
}
[part="status"][data-docked] { background: var(--ns-paper); box-shadow: 0 -1px 0 var(--ns-hair), -6px 0 0 var(--ns-paper); z-index: 1; }
.line { flex: 1 1 auto; display: flex; min-width: 0; overflow: hidden; white-space: nowrap; font-variant-numeric: tabular-nums; }
.line > * { overflow: hidden; text-overflow: ellipsis; }
.line > .model { flex: 0 1 auto; max-width: 40%; }
.line > .situation { flex: 0 1 auto; }
.line > [part="metrics"] { flex: 1 1 0; } /* figures give way first: they never shorten the words before them */
.model:not(:empty) + .situation::before, [part="metrics"]:not(:empty)::before { content: " · "; white-space: pre; }
.icon:not(:empty) { margin-right: 4px; }
[data-tone="error"] :is(.icon, .state) { color: var(--ns-error); }
[data-tone="warning"] :is(.icon, .state) { color: var(--ns-warning); }
[data-tone="stopped"] :is(.icon, .state) { color: var(--ns-text); }
[data-tone="stopped"] .icon { font-size: 10px; }

.buttons { flex: none; display: flex; gap: 2px; }
.buttons button {
  box-sizing: border-box;
  height: 24px;
  margin: 0;
  padding: 0 8px;
  border: 0;
  border-radius: 3px;
  background: none;
  color: var(--ns-quiet);
  font: inherit;
  cursor: pointer;
}
.buttons .copy { min-width: 4.8em; }
.buttons .jump { color: var(--ns-text); white-space: nowrap; }
.buttons .stop { margin-right: 2px; color: var(--ns-text); font-weight: 600; }
.buttons .stop span { font-size: 10px; vertical-align: 1px; }
.buttons button:not([aria-disabled]):hover { background: var(--ns-hover); color: var(--ns-text); }
.buttons button[aria-disabled] { cursor: default; color: var(--ns-quiet); opacity: 0.7; }
.buttons .speak[aria-pressed="false"] { text-decoration: line-through; }
[part="status"]:not(:hover, :focus-within) .speak { width: 0; padding: 0; opacity: 0; }
@media (forced-colors: active) {
  .buttons button { border: 1px solid ButtonText; }
  [data-live] :not(a)::after { forced-color-adjust: none; background: CanvasText !important; }
}
@media print {
  :host, .ns-markdown, .reasoning, .tool pre { contain: none !important; max-height: none !important; overflow: visible !important; }
  [part="status"] { transform: none !important; box-shadow: none !important; }
  .buttons, .unseen { display: none; }
  [part="answer"] ::after { animation: none !important; }
  [data-live] ::after { background: none !important; }
}
`;

export const styles = markdownStyles + hostStyles + frame + answerStyles;
