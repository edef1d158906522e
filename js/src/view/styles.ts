// The look of what few answers have, as one CSS string: choices side by side, folded tool calls, pictures and sounds,
// numbers of sources. Colours are those that styles.ts has.

// Two columns of 238 px and the gap between them are 500 px: below that they stand one below the other.
export const answerStyles = `
.choices[data-many] { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 238px), 1fr)); gap: 12px 24px; margin-bottom: 4px; }
.choice { min-width: 0; }
.head { display: flex; align-items: center; justify-content: space-between; gap: 8px; height: 24px; margin-bottom: 6px; border-bottom: 1px solid var(--ns-hair); color: var(--ns-quiet); font: 13px/20px var(--ns-ui-font); }
.head span { font-weight: 600; color: var(--ns-text); }
.head button { box-sizing: border-box; height: 22px; min-width: 4.8em; margin: 0; padding: 0 8px; border: 0; border-radius: 3px; background: none; color: inherit; font: inherit; cursor: pointer; }
.head button:hover { background: var(--ns-hover); color: var(--ns-text); }
.tool > summary { max-width: 100%; box-sizing: border-box; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.tool > summary > .preview { margin-inline-start: 8px; color: var(--ns-quiet); }
.tool[open] > summary > .preview { display: none; }
.tool > .result { margin-inline-start: 16px; }
[part="tools"] > .quiet, [part="citations"] > .quiet { font: 13px/1.5 var(--ns-ui-font); }
[part="finish"] { display: flex; gap: 8px; margin: 4px 0; overflow-wrap: anywhere; }
[part="finish"] .icon { color: var(--ns-warning); }
[part="media"] .thing { margin: 8px 0; }
[part="media"] img { display: block; max-width: min(100%, 640px); max-height: 80vh; width: auto; height: auto; border-radius: 2px; object-fit: contain; }
[part="media"] audio { display: block; width: min(100%, 420px); height: 40px; }
[part="media"] .transcript { margin: 6px 0 0; overflow-wrap: anywhere; white-space: pre-wrap; }
[part="media"] a { color: var(--jp-content-link-color, var(--vscode-textLink-foreground, LinkText)); unicode-bidi: isolate; }
.ns-cite { margin-inline-start: 2px; font-size: 0.75em; font-weight: 400; font-style: normal; line-height: 0; vertical-align: super; user-select: none; }
.ns-cite > ::before { content: attr(data-number); font-variant-numeric: tabular-nums; }
.ns-markdown .ns-cite > span { color: var(--ns-quiet); }
@media print { .choices[data-many] { display: block; } .head button { display: none; } }
`;
