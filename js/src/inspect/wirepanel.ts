// A place for the Wire view.
import { h } from "../view/dom";
import type { MakePanel } from "./panel";

export const createWirePanel: MakePanel = () => ({ element: h("div", {}, "Wire"), update: () => undefined });
