// A place for the Tokens view, which is not here yet.
import { h } from "../view/dom";
import type { MakePanel } from "./panel";

export const createTokensPanel: MakePanel = () => ({ element: h("div", {}, "Tokens"), update: () => undefined });
