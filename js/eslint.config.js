// The page's lint rules: strict TypeScript, and no way to hand a string to an HTML or a script parser.
import tseslint from "typescript-eslint";

const message = "model text must never reach an HTML or script parser, nor anything that asks for an address";

// Properties and methods that parse HTML or styles, whatever object they belong to.
const parsers = [
  "innerHTML", "outerHTML", "insertAdjacentHTML", "createContextualFragment", "createHTMLDocument", "srcdoc", "setHTML",
  "setHTMLUnsafe", "parseHTML", "parseHTMLUnsafe", "createObjectURL", "sendBeacon", "importScripts",
];
// Globals that run strings, parse HTML, or ask for an address.
const globals = [
  "DOMParser", "XSLTProcessor", "eval", "Function", "importScripts", "Worker", "SharedWorker", "fetch", "XMLHttpRequest",
  "WebSocket", "EventSource", "Image", "Audio", "open", "location",
];
// Elements that run, load, send or parse something.
const elements = /^(?:script|iframe|frame|object|embed|applet|template|base|link|meta|form|img|image|audio|video|source|svg|portal|fencedframe)$/i;
const anyOf = (names) => new RegExp(`^(?:${names.join("|")})$`);

const UNKNOWN_MODULE = "ImportExpression[source.type!='Literal']";

const bannedBy = (parsers, elements) => [
  // The names as strings too: element["innerHTML"], Reflect.set(element, "innerHTML", …), setAttribute("srcdoc", …).
  `Literal[value=${anyOf(parsers)}]`,
  `TemplateElement[value.raw=${anyOf(parsers)}]`,
  // Object.assign(element, { innerHTML: … })
  `ObjectExpression > Property[key.name=${anyOf(parsers)}]`,
  "MemberExpression[property.name=/^write(?:ln)?$/][object.name=/document$/i]",
  "MemberExpression[property.name=/^write(?:ln)?$/][object.property.name=/document$/i]",
  "CallExpression[callee.property.name=/^setAttribute(?:NS)?$/] > Literal[value=/^(?:on|style$|srcdoc$)/i]",
  `CallExpression[callee.property.name=/^createElement(?:NS)?$/] > Literal[value=${elements}]`,
  `CallExpression[callee.name='h'] > Literal.arguments:first-child[value=${elements}]`,
  "CallExpression[callee.property.name='execCommand'][arguments.0.value!='copy']",
  // A style may ask for an address: those of a rule or of an element are constants.
  "AssignmentExpression[left.property.name='cssText'][right.type!='Literal']",
  UNKNOWN_MODULE,
  "ImportExpression > Literal[value=/^(?:[a-z]+:|\\/)/i]",
  "Literal[value=/^\\s*(?:javascript:|vbscript:|data:text\\/html)/i]",
  "TemplateElement[value.raw=/^\\s*(?:javascript:|vbscript:|data:text\\/html)/i]",
];
const restricted = (parsers, elements, but = "") => ["error", ...bannedBy(parsers, elements).filter((selector) => selector !== but).map((selector) => ({ selector, message }))];
const properties = (parsers) => [
  "error",
  ...parsers.map((property) => ({ property, message })),
  ...["window", "globalThis", "self"].flatMap((object) => globals.map((property) => ({ object, property, message }))),
];

// The one file that shows bytes: pictures and players made of them, and nothing else.
const blobs = {
  file: "src/view/blobs.ts",
  parsers: parsers.filter((name) => name !== "createObjectURL"),
  elements: /^(?:script|iframe|frame|object|embed|applet|template|base|link|meta|form|image|video|source|svg|portal|fencedframe)$/i,
};

// The one file that runs a module which the page holds: our own, beside a recording in a page without a kernel.
const modules = { file: "src/inspect/modules.ts", parsers: blobs.parsers, elements };

export default tseslint.config(
  { ignores: ["node_modules/", "*.config.js", "build.mjs"] },
  ...tseslint.configs.strict,
  {
    files: ["src/**/*.ts", "tests/**/*.ts"],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-implied-eval": "error", // setTimeout("…"), new Function("…")
      "no-eval": "error",
      "no-new-func": "error",
      "no-restricted-globals": ["error", ...globals.map((name) => ({ name, message }))],
      "no-restricted-properties": properties(parsers),
    },
  },
  {
    // Not in tests, which are full of hostile strings.
    files: ["src/**/*.ts"],
    linterOptions: { noInlineConfig: true }, // a comment must not be able to lift a rule
    rules: {
      "no-script-url": "error",
      "no-restricted-syntax": restricted(parsers, elements),
    },
  },
  {
    files: [blobs.file],
    rules: {
      "no-restricted-properties": properties(blobs.parsers),
      "no-restricted-syntax": restricted(blobs.parsers, blobs.elements),
    },
  },
  {
    files: [modules.file],
    rules: {
      "no-restricted-properties": properties(modules.parsers),
      "no-restricted-syntax": restricted(modules.parsers, modules.elements, UNKNOWN_MODULE),
    },
  },
  {
    // A test may break a rule on purpose to show that the page survives it.
    files: ["tests/**/*.ts"],
    rules: { "@typescript-eslint/no-non-null-assertion": "off" },
  },
);
