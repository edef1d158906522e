// static/core.js, opened once a kernel: nothing comes in, what every stream's view shares goes out as the exports
// that anywidget's host.getWidget hands on.
import { createMarkdownStream } from "./markdown/index";
import { createStream } from "./stream";
import { styles } from "./styles";
import { createChoices } from "./view/choices";
import { createView } from "./view/view";

export interface Core {
  createStream: typeof createStream;
  createView: typeof createView;
  createMarkdownStream: typeof createMarkdownStream;
  /** For a comparison, whose cells show the answers of a run without a status line of their own. */
  createChoices: typeof createChoices;
  styles: string;
}

export default () => ({
  initialize(): Core {
    return { createStream, createView, createMarkdownStream, createChoices, styles };
  },
});
