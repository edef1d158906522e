// What every view's host element has, as one CSS string: the host page's fonts and colours under names of our own, and
// the few literals for what its own colours say too faintly (--jp-warn-color1 is 2.6:1 on white).

// The padding at the start is where JupyterLab's own outputs begin; where its variable is unknown the line is void.
export const hostStyles = `
:host {
  --ns-text: var(--jp-content-font-color1, var(--vscode-editor-foreground, inherit));
  --ns-quiet: var(--jp-ui-font-color2, var(--vscode-descriptionForeground, #5f6368));
  --ns-paper: var(--jp-layout-color0, var(--vscode-editor-background, var(--colab-primary-surface-color, var(--background, Canvas))));
  --ns-hair: var(--jp-border-color2, var(--vscode-panel-border, #e0e0e0));
  --ns-hover: rgba(0, 0, 0, 0.06);
  --ns-error: #b3261e;
  --ns-warning: #8a5000;
  --ns-focus: var(--jp-brand-color1, var(--vscode-focusBorder, #1976d2));
  --ns-code-font: var(--jp-code-font-family, var(--vscode-editor-font-family, ui-monospace, menlo, consolas, monospace));
  --ns-ui-font: var(--jp-ui-font-family, var(--vscode-font-family, system-ui, sans-serif));
  display: block;
  position: relative;
  color-scheme: light;
  color: var(--ns-text);
  font-family: var(--jp-content-font-family, var(--vscode-markdown-font-family, system-ui, sans-serif));
  font-size: var(--jp-content-font-size1, var(--vscode-markdown-font-size, 14px));
  line-height: var(--jp-content-line-height, 1.6);
  contain: layout paint;
  overflow: clip;
  min-width: 0;
  max-width: 100%;
  padding-inline-start: calc(var(--jp-code-padding) + 1px);
}
:host([data-theme="dark"]) {
  --ns-quiet: var(--jp-ui-font-color2, var(--vscode-descriptionForeground, #a8adb3));
  --ns-hair: var(--jp-border-color2, var(--vscode-panel-border, #424242));
  --ns-hover: rgba(255, 255, 255, 0.1);
  --ns-error: #ff8a80;
  --ns-warning: #ffb74d;
  color-scheme: dark;
}
[hidden] { display: none !important; }
:focus-visible { outline: 2px solid var(--ns-focus); outline-offset: -2px; border-radius: 2px; }
.quiet { color: var(--ns-quiet); }
.unseen {
  position: absolute; width: 1px; height: 1px; margin: -1px; padding: 0;
  overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}
`;
