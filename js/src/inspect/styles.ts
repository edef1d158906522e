// The look of the inspector as one CSS string: quiet lines in the host's fonts and colours around the views. All sizes of
// type follow --ns-scale, which large-type mode sets.
import { hostStyles } from "../hoststyles";
import { timingStyles } from "./timingstyles";
import { tokenStyles } from "./tokenstyles";
import { wireStyles } from "./wirestyles";

const px = (size: number): string => `calc(${size}px * var(--ns-scale))`;

// The views have a bounded height, so that all of them and the transport are on one screen and none moves another.
const frame = `
:host {
  --ns-scale: 1;
  --ns-text: var(--jp-content-font-color1, var(--vscode-editor-foreground, CanvasText)); /* also in the middle of what is quiet */
  --ns-line: var(--jp-border-color2, var(--vscode-panel-border, rgba(128, 128, 128, 0.35)));
  --ns-shade: var(--jp-layout-color2, rgba(128, 128, 128, 0.14));
  --ns-accent: var(--jp-brand-color1, var(--vscode-focusBorder, #1976d2));
  --ns-mark: rgba(255, 183, 0, 0.34);
  --ns-mark-edge: #9a6700;
  --ns-edge: rgba(0, 0, 0, 0.16);
  --ns-view-height: clamp(240px, 56vh, 640px);
  padding-inline-start: 0;
}
:host([data-theme="dark"]) { --ns-edge: rgba(255, 255, 255, 0.2); --ns-accent: var(--jp-brand-color1, var(--vscode-focusBorder, #64b5f6)); --ns-mark: rgba(255, 202, 80, 0.3); --ns-mark-edge: #ffca50; }
:host([data-projector]) {
  --ns-scale: 1.6;
  --ns-view-height: clamp(320px, 68vh, 960px);
  --jp-content-font-size1: 22px;
  --jp-code-font-size: 20px;
  font-size: 22px;
}
button, select, input { font: inherit; color: inherit; }
button { box-sizing: border-box; min-width: ${px(26)}; height: ${px(26)}; margin: 0; padding: 0 ${px(7)}; border: 0; border-radius: 3px; background: none; color: inherit; cursor: pointer; white-space: nowrap; }
button:not([aria-disabled="true"]):hover { background: var(--ns-hover); color: var(--ns-text); }
select { box-sizing: border-box; height: ${px(26)}; margin: 0; padding: 0 2px; border: 1px solid transparent; border-radius: 3px; background: var(--ns-paper); color: inherit; cursor: pointer; field-sizing: content; }
select:hover { border-color: var(--ns-line); }

.inspector { container-type: inline-size; }
.top { display: flex; flex-wrap: wrap; align-items: center; gap: 2px 12px; padding: 2px 0; font: ${px(13)}/${px(20)} var(--ns-ui-font); color: var(--ns-quiet); }
.toggles { display: flex; gap: 2px; }
.toggles button { border-radius: 3px 3px 0 0; box-shadow: inset 0 -1px 0 transparent; }
.toggles button[aria-pressed="true"] { color: var(--ns-text); font-weight: 600; box-shadow: inset 0 -2px 0 var(--ns-accent); }
.toggles button[aria-disabled="true"] { cursor: default; }
.toggles button::after { content: attr(data-title); display: block; height: 0; overflow: hidden; visibility: hidden; font-weight: 600; }
.remark { color: var(--ns-warning); overflow-wrap: anywhere; }

.transport { display: flex; flex-wrap: wrap; align-items: center; gap: 0 ${px(8)}; padding: 2px 0 4px; border-bottom: 1px solid var(--ns-hair); font: ${px(13)}/${px(20)} var(--ns-ui-font); color: var(--ns-quiet); font-variant-numeric: tabular-nums; }
.transport .steps, .transport .ways { display: inline-flex; align-items: center; gap: 1px; }
.transport .ways { margin-inline-start: auto; }
.transport .play { color: var(--ns-text); }
.transport .place { flex: 1 1 160px; min-width: 100px; height: ${px(26)}; margin: 0; accent-color: var(--ns-accent); cursor: pointer; }
.transport .time { min-width: 7.5em; text-align: end; white-space: nowrap; color: var(--ns-text); }
.transport .mode { min-width: 5.8em; padding: 0 ${px(6)}; white-space: nowrap; }
.transport button[aria-pressed="true"] { color: var(--ns-accent); font-weight: 600; }
.transport .loop { font-size: ${px(15)}; }

.branches { list-style: none; margin: 4px 0; padding: 0; max-height: 9em; overflow: auto; font: ${px(13)}/${px(20)} var(--ns-ui-font); color: var(--ns-quiet); }
.branches li { padding-inline-start: calc(var(--ns-depth) * 1.5em); }
.branches .under > button::before { content: "└ "; color: var(--ns-quiet); }
.branches button { max-width: 100%; overflow: hidden; text-overflow: ellipsis; text-align: start; }
.branches button[aria-pressed="true"] { color: var(--ns-text); font-weight: 600; background: var(--ns-hover); }

.views { display: grid; grid-template-columns: minmax(0, 1fr); gap: 12px 20px; align-items: start; padding-top: 8px; }
.view { min-width: 0; }
/* Guessing: what would tell is there still, or all would move, but cannot be seen. */
.views:has(.guess) > :is(.view-answer, .view-wire) { visibility: hidden; }
@container (min-width: 900px) {
  .views:not([data-count="1"]) { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .views:has(.race) > .view-answer, .views:has(.race) > .view:last-child:nth-child(even), .views:not(:has(.race)) > .view:last-child:nth-child(odd) { grid-column: 1 / -1; }
}
.views:not([data-count="1"]) > .view-timing { max-height: var(--ns-view-height); overflow: auto; overscroll-behavior: contain; scrollbar-width: thin; }
/* A shade at the lower edge where there is more (not every system shows its bars); at the end the ground goes over it. */
.views:not([data-count="1"]) > .view-timing { background: linear-gradient(transparent, var(--ns-paper) 60%) bottom / 100% 24px no-repeat local, linear-gradient(transparent, var(--ns-edge)) bottom / 100% 9px no-repeat scroll; }
.answer-box { max-height: var(--ns-view-height); overflow: auto; overscroll-behavior: contain; scrollbar-width: thin; }
.race { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 260px), 1fr)); gap: 8px 20px; }
.column { min-width: 0; }
.column .name { max-width: 100%; padding: 0; text-align: start; overflow: hidden; text-overflow: ellipsis; font: ${px(13)}/${px(20)} var(--ns-ui-font); color: var(--ns-quiet); }
.column .name[aria-pressed="true"] { color: var(--ns-text); font-weight: 600; box-shadow: inset 0 -2px 0 var(--ns-accent); }
@media (forced-colors: active) { button { border: 1px solid ButtonText; } [aria-pressed="true"] { forced-color-adjust: none; background: Highlight; color: HighlightText; } }
@media print { .transport, .toggles { display: none; } .answer-box { max-height: none; overflow: visible; } }
`;

export const inspectorStyles = hostStyles + frame + tokenStyles + timingStyles + wireStyles;
