// The look of rendered Markdown, for a shadow root: that of the host's own Markdown cells, by its theme's variables
// (JupyterLab, VS Code), with colours that read on white and on dark where there is none.
import { partStyles } from "./partstyles";

// Not content-visibility: to be asked in each frame whether they can be seen costs finished blocks more than it saves.
// Containment clips, hence: headings, whose lines of height 1 leave no room for a descender, have padding, taken off
// their margins (and a little more where two meet, for padding does not collapse); a list has room for the numbers it
// grows to, the classes for those it starts with; the margin of a list's last paragraph is not added to the list's own.
// An empty cell is as high as one with text, or a new row would grow. A comment inside the string would cross the wire.
export const markdownStyles = `
.ns-markdown {
  --ns-text: var(--jp-content-font-color1, var(--vscode-editor-foreground, inherit));
  --ns-quiet: var(--jp-content-font-color2, var(--vscode-descriptionForeground, inherit));
  --ns-link: var(--jp-content-link-color, var(--vscode-textLink-foreground, LinkText));
  --ns-line: var(--jp-border-color1, var(--vscode-widget-border, rgba(128, 128, 128, 0.4)));
  --ns-shade: var(--jp-layout-color2, var(--vscode-textCodeBlock-background, rgba(128, 128, 128, 0.12)));
  --ns-code: var(--jp-cell-editor-background, var(--vscode-textCodeBlock-background, rgba(128, 128, 128, 0.12)));
  --ns-mono: var(--jp-code-font-family, var(--vscode-editor-font-family, ui-monospace, Menlo, Consolas, monospace));
  --ns-ui: var(--jp-ui-font-family, var(--vscode-font-family, system-ui, sans-serif));
  color: var(--ns-text);
  font-family: var(--jp-content-font-family, var(--vscode-font-family, system-ui, sans-serif));
  font-size: var(--jp-content-font-size1, 14px);
  line-height: var(--jp-content-line-height, 1.6);
  overflow-wrap: anywhere;
  contain: layout paint style;
  overflow-clip-margin: 6px;
}
.ns-markdown > * {
  contain: content;
  overflow-clip-margin: 6px;
}
.ns-markdown p { margin: 0 0 1em; }
.ns-markdown :is(h1, h2, h3, h4, h5, h6) {
  --ns-above: calc(var(--jp-content-heading-margin-top, 1.2em) - 0.15em);
  margin: var(--ns-above) 0 calc(var(--jp-content-heading-margin-bottom, 0.8em) - 0.2em);
  padding-block: 0.15em 0.2em;
  font-weight: var(--jp-content-heading-font-weight, 500);
  line-height: var(--jp-content-heading-line-height, 1);
}
.ns-markdown > :first-child { margin-top: 0; }
.ns-markdown > :is(h1, h2, h3, h4, h5, h6):first-child { margin-top: calc(0.5 * var(--jp-content-heading-margin-top, 1.2em) - 0.15em); }
.ns-markdown :is(h1, h2, h3, h4, h5, h6) + :is(h1, h2, h3, h4, h5, h6) { margin-top: calc(var(--ns-above) - 0.24em); }
.ns-markdown h1 { font-size: var(--jp-content-font-size5, 2.0736em); }
.ns-markdown h2 { font-size: var(--jp-content-font-size4, 1.728em); }
.ns-markdown h3 { font-size: var(--jp-content-font-size3, 1.44em); }
.ns-markdown h4 { font-size: var(--jp-content-font-size2, 1.2em); }
.ns-markdown h5 { font-size: var(--jp-content-font-size1, 1em); }
.ns-markdown h6 { font-size: var(--jp-content-font-size0, 0.8333em); }
.ns-markdown ul, .ns-markdown ol { margin: 0 0 1em; padding-inline: 2em 0; }
.ns-markdown ol:has(> li:nth-child(90)) { padding-inline-start: 2.6em; }
.ns-markdown ol:is(.ns-wide, :has(> li:nth-child(900))) { padding-inline-start: 3.4em; }
.ns-markdown ol:has(> li:nth-child(9000)) { padding-inline-start: 4.2em; }
.ns-markdown ol.ns-widest { padding-inline-start: 6.4em; }
.ns-markdown li > ul, .ns-markdown li > ol { margin-bottom: 0; }
.ns-markdown ul { list-style: disc; }
.ns-markdown ul ul { list-style: square; }
.ns-markdown ul ul ul { list-style: circle; }
.ns-markdown ol ol { list-style: upper-alpha; }
.ns-markdown ol ol ol { list-style: lower-alpha; }
.ns-markdown > :is(ul, ol) > li:last-child > :is(p, .ns-code, .ns-scroll):last-child { margin-bottom: 0; }
.ns-markdown li { unicode-bidi: isolate; }
.ns-markdown blockquote {
  margin: 1em 2em;
  padding: 0 1em;
  border-inline-start: 5px solid var(--jp-border-color2, var(--ns-line));
}
.ns-markdown blockquote > :last-child { margin-bottom: 0; }
.ns-markdown hr { border: 0; border-top: 1px solid var(--ns-line); margin: 1em 0; }
.ns-markdown a { color: var(--ns-link); text-decoration: none; unicode-bidi: isolate; }
.ns-markdown a:hover, .ns-markdown a:focus-visible { text-decoration: underline; }
.ns-markdown a[aria-description]::after {
  content: " (" attr(aria-description) ")";
  color: var(--ns-quiet);
  font-size: 0.85em;
  unicode-bidi: isolate;
}
.ns-markdown .ns-image::before {
  content: "";
  display: inline-block;
  width: 1em;
  height: 0.8em;
  margin-inline-end: 0.35em;
  border: 1px solid;
  border-radius: 2px;
  vertical-align: -0.06em;
  background:
    radial-gradient(circle at 30% 32%, currentColor 0.09em, transparent 0.11em),
    linear-gradient(28deg, currentColor 34%, transparent 36%);
}
.ns-markdown ul > li:has(> .ns-task, > p:first-child > .ns-task) { list-style: none; }
.ns-markdown ul > li > .ns-task, .ns-markdown ul > li > p > .ns-task { display: inline-block; width: 1.15em; margin-inline-start: -1.4em; }
.ns-markdown code { font-family: var(--ns-mono); unicode-bidi: isolate; }
.ns-markdown :not(pre) > code { padding: 1px 5px; line-height: 1.3; background: var(--ns-shade); -webkit-box-decoration-break: clone; box-decoration-break: clone; }
.ns-markdown .ns-code { margin: 0 0 1em; background: var(--ns-code); border-radius: 2px; }
.ns-markdown pre {
  margin: 0;
  padding: 0.2em 0.8em 0.7em;
  overflow-x: auto;
  overflow-wrap: normal;
  white-space: pre;
  font-size: var(--jp-code-font-size, 0.93em);
  line-height: var(--jp-code-line-height, 1.4);
  tab-size: 4;
  text-align: left;
}
.ns-markdown .ns-toolbar {
  display: flex;
  align-items: baseline;
  justify-content: space-between;
  gap: 1em;
  padding: 0.4em 0.93em 0;
  color: var(--ns-text);
  font-family: var(--ns-ui);
  font-size: 0.8em;
  user-select: none;
}
.ns-markdown .ns-copy {
  padding: 0 0.3em;
  border: 0;
  border-radius: 2px;
  background: none;
  color: inherit;
  font: inherit;
  cursor: pointer;
}
.ns-markdown .ns-copy:hover { text-decoration: underline; }
.ns-markdown .ns-copy:focus-visible { outline: 2px solid var(--ns-link); }
.ns-markdown .ns-scroll { margin: 0 0 1em; overflow-x: auto; }
.ns-markdown table { border-collapse: collapse; color: var(--jp-ui-font-color1, inherit); font-size: var(--jp-ui-font-size1, 0.93em); overflow-wrap: normal; }
.ns-markdown thead { border-bottom: 1px solid var(--ns-line); }
.ns-markdown tbody tr:nth-child(even) { background: var(--jp-rendermime-table-row-background, rgba(128, 128, 128, 0.08)); }
.ns-markdown th, .ns-markdown td { padding: 0.5em; line-height: normal; text-align: start; vertical-align: middle; }
.ns-markdown td:empty::before { content: "\\200B"; }
.ns-markdown th { font-weight: bold; }
.ns-markdown .ns-left { text-align: left; }
.ns-markdown .ns-center { text-align: center; }
.ns-markdown .ns-right { text-align: right; }
.ns-markdown .ns-clipboard { position: absolute; width: 1px; height: 1px; opacity: 0; }
@media (forced-colors: active) {
  .ns-markdown :is(.ns-code, :not(pre) > code) { border: 1px solid; }
  .ns-markdown a { text-decoration: underline; }
}
@media print {
  .ns-markdown, .ns-markdown > * { contain: none; }
  .ns-markdown .ns-copy { display: none; }
  .ns-markdown pre { white-space: pre-wrap; overflow-wrap: anywhere; }
  .ns-markdown :is(pre, tr, blockquote, .ns-math) { break-inside: avoid; }
  .ns-markdown :is(h1, h2, h3, h4, h5, h6) { break-after: avoid; }
  .ns-markdown a { text-decoration: underline; }
  .ns-markdown a[aria-description]::after { content: " (" attr(href) ")"; }
}
${partStyles}`;
