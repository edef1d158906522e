// TeX comes in, a MathML tree as plain objects goes out, by temml. Everything that TeX could use to reach out (links,
// classes, images, files) is off; what is wrong with a formula is thrown. Knows no DOM.
import temml from "temml";

import type { Typesetter } from "../markdown/contract";
import { toTree } from "./tree";
import type { TemmlNode } from "./tree";

/** Macro expansions in one formula: a bomb is stopped in milliseconds. */
const MAX_EXPAND = 300;
/** No rule and no space longer than this (em). */
const MAX_SIZE = 20;

export function createTypesetter(): Typesetter {
  return {
    typeset(tex, display) {
      let tree: TemmlNode;
      try {
        tree = parse(tex, display);
      } catch (error) {
        throw new Error(reasonOf(error), { cause: error });
      }
      return toTree(tree);
    },
  };
}

function parse(tex: string, display: boolean): TemmlNode {
  return temml.__renderToMathMLTree(tex, {
    displayMode: display,
    throwOnError: true,
    trust: false,
    strict: false,
    maxExpand: MAX_EXPAND,
    maxSize: [MAX_SIZE, MAX_SIZE],
  }) as TemmlNode;
}

/** temml's message without the excerpt; it stumbles (TypeError) over what ends too early, such as `x^`. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error && error.name === "ParseError" ? error.message : "";
  return message.replace(/^ParseError:/u, "").replace(/ at (?:position|end of input)[^]*$/u, "").trim() || "incomplete TeX";
}
