// The look of rendered Markdown, for a shadow root: that of the host's own Markdown cells, by its theme's variables
// (JupyterLab, VS Code), with colours that read on white and on dark where there is none.

export const markdownStyles = `
.ns-markdown {
  --ns-text: var(--jp-content-font-color1, var(--vscode-editor-foreground, inherit));
  --ns-quiet: var(--jp-content-font-color2, var(--vscode-descriptionForeground, inherit));
  --ns-link: var(--jp-content-link-color, var(--vscode-textLink-foreground, LinkText));
  --ns-line: var(--jp-border-color1, var(--vscode-widget-border, rgba(128, 128, 128, 0.4)));
  --ns-shade: var(--jp-layout-color2, var(--vscode-textCodeBlock-background, rgba(128, 128, 128, 0.12)));
  --ns-mono: var(--jp-code-font-family, var(--vscode-editor-font-family, ui-monospace, Menlo, Consolas, monospace));
  --ns-ui: var(--jp-ui-font-family, var(--vscode-font-family, system-ui, sans-serif));
  color: var(--ns-text);
  font-family: var(--jp-content-font-family, var(--vscode-font-family, system-ui, sans-serif));
  font-size: var(--jp-content-font-size1, 14px);
  line-height: var(--jp-content-line-height, 1.6);
  overflow-wrap: anywhere;
  contain: layout paint style;
}
.ns-markdown > * {
  contain: content;
  contain-intrinsic-size: auto 6em;
}
.ns-markdown > .ns-frozen { content-visibility: auto; }
.ns-markdown p { margin: 0 0 1em; }
.ns-markdown h1, .ns-markdown h2, .ns-markdown h3, .ns-markdown h4, .ns-markdown h5, .ns-markdown h6 {
  margin: 1.2em 0 0.5em;
  font-weight: 600;
  line-height: 1.25;
}
.ns-markdown > :first-child { margin-top: 0; }
.ns-markdown h1 { font-size: 1.7em; }
.ns-markdown h2 { font-size: 1.4em; }
.ns-markdown h3 { font-size: 1.2em; }
.ns-markdown h4, .ns-markdown h5, .ns-markdown h6 { font-size: 1em; }
.ns-markdown ul, .ns-markdown ol { margin: 0 0 1em; padding-inline: 2em 0; }
.ns-markdown li > ul, .ns-markdown li > ol { margin-bottom: 0; }
.ns-markdown li > p:last-child { margin-bottom: 0.5em; }
.ns-markdown li { unicode-bidi: isolate; }
.ns-markdown blockquote {
  margin: 0 0 1em;
  padding-inline-start: 1em;
  border-inline-start: 3px solid var(--ns-line);
  color: var(--ns-quiet);
}
.ns-markdown blockquote > :last-child { margin-bottom: 0; }
.ns-markdown hr { border: 0; border-top: 1px solid var(--ns-line); margin: 1.5em 0; }
.ns-markdown a { color: var(--ns-link); text-decoration: none; unicode-bidi: isolate; }
.ns-markdown a:hover, .ns-markdown a:focus-visible { text-decoration: underline; }
.ns-markdown a[aria-description]::after {
  content: " (" attr(aria-description) ")";
  color: var(--ns-quiet);
  font-size: 0.85em;
  unicode-bidi: isolate;
}
.ns-markdown .ns-image::before { content: "🖼 "; }
.ns-markdown .ns-task { margin-inline-end: 0.1em; }
.ns-markdown code { font-family: var(--ns-mono); font-size: 0.93em; unicode-bidi: isolate; }
.ns-markdown :not(pre) > code { padding: 0.1em 0.25em; border-radius: 2px; background: var(--ns-shade); }
.ns-markdown .ns-code { margin: 0 0 1em; background: var(--ns-shade); border-radius: 2px; }
.ns-markdown pre {
  margin: 0;
  padding: 0.2em 0.8em 0.7em;
  overflow-x: auto;
  overflow-wrap: normal;
  white-space: pre;
  line-height: 1.4;
  tab-size: 4;
  text-align: left;
}
.ns-markdown .ns-toolbar {
  display: flex;
  align-items: baseline;
  justify-content: space-between;
  gap: 1em;
  padding: 0.3em 0.8em 0;
  color: var(--ns-quiet);
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
.ns-markdown table { border-collapse: collapse; font-size: 0.95em; overflow-wrap: normal; }
.ns-markdown th, .ns-markdown td {
  padding: 0.35em 0.7em;
  border-bottom: 1px solid var(--ns-line);
  text-align: start;
  vertical-align: top;
}
.ns-markdown th { font-weight: 600; }
.ns-markdown .ns-left { text-align: left; }
.ns-markdown .ns-center { text-align: center; }
.ns-markdown .ns-right { text-align: right; }
.ns-markdown .ns-clipboard { position: absolute; width: 1px; height: 1px; opacity: 0; }
`;
