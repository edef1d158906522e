// static/highlight.js, sent when the first fence passes: nothing comes in, the highlighter goes out as the exports that
// anywidget's host.getWidget hands on, and by its name for pages without widgets.
import { createHighlighter } from "./highlighter";

export { createHighlighter };

export default () => ({ initialize: () => createHighlighter() });
