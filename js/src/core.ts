// static/core.js, opened once a kernel: nothing comes in, what every stream's view shares goes out as the exports
// that anywidget's host.getWidget hands on.
import { createMarkdownStream } from "./markdown/index";
import { createStream } from "./stream";
import { createView } from "./view/view";

export interface Core {
  createStream: typeof createStream;
  createView: typeof createView;
  createMarkdownStream: typeof createMarkdownStream;
}

export default () => ({
  initialize(): Core {
    return { createStream, createView, createMarkdownStream };
  },
});
