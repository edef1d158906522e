// A place for the Timing view, which is not here yet.
import { h } from "../view/dom";
import type { MakePanel } from "./panel";

export const createTimingPanel: MakePanel = () => ({ element: h("div", {}, "Timing"), update: () => undefined });
