// static/maths.js, sent when the first formula passes: nothing comes in, the typesetter goes out as the exports that
// anywidget's host.getWidget hands on, and by its name for pages without widgets.
import { createTypesetter } from "./typesetter";

export { createTypesetter };

export default () => ({ initialize: () => createTypesetter() });
