// What the inspector adds to the look of an answer's view, as CSS strings: large type, no Stop where nothing runs, the marks
// of what is pointed at.
import { hostStyles } from "../hoststyles";

const px = (size: number): string => `calc(${size}px * var(--ns-scale, 1))`;

// The sizes of the core's own chrome are fixed; here they follow the scale. Without one they are what they were.
const scaled = `
[part="status"] { height: ${px(32)}; font-size: ${px(13)}; line-height: ${px(20)}; }
.buttons button { height: ${px(24)}; }
details > summary, details > summary code, [part="notice"], .head { font-size: ${px(13)}; }
`;

export const answerStyles = `
:host { padding-inline-start: 0; }
${scaled}
/* The box around scrolls, and in it the line has its place at the lower edge by itself. */
[part="status"] { position: sticky; bottom: 0; z-index: 1; transform: none !important; background: var(--ns-paper); box-shadow: 0 -1px 0 var(--ns-hair) !important; }
:host([data-recorded]) .stop { display: none; }
[part="notice"] { padding-block-end: 6px; } /* the line of the status is right below it */
/* The column's name says it. */
:host([data-column]) .model { display: none; }
:host([data-column]) .model + .situation::before { content: none; }
/* Beside other views and in a race there is less room, and the figures are what one looks for: they go to a second line. */
[part="status"] { height: auto; min-height: ${px(32)}; }
.line { display: block; white-space: normal; overflow: visible; overflow-wrap: anywhere; }
.line > * { overflow: visible; }
.marks { position: absolute; inset: 0 auto auto 0; pointer-events: none; }
.marks > div { position: absolute; border-radius: 2px; background: var(--ns-mark, rgba(255, 183, 0, 0.38)); box-shadow: 0 0 0 1.5px var(--ns-mark-edge, rgba(176, 110, 0, 0.85)); }
@media (forced-colors: active) { .marks > div { background: none; outline: 2px solid Highlight; } }
`;

export const plainStyles = `${hostStyles}
:host { padding-inline-start: 0; }
[part="answer"] { white-space: pre-wrap; overflow-wrap: anywhere; }
[part="status"] { display: flex; gap: 8px; align-items: center; color: var(--ns-quiet); font: ${px(13)}/${px(20)} var(--ns-ui-font); min-height: ${px(32)}; }
[part="status"] span { flex: 1; }
:host([data-recorded]) .stop { display: none; }
`;
