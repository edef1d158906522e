// The page's lint rules: strict TypeScript, and no way to hand a string to an HTML or a script parser.
import tseslint from "typescript-eslint";

const why = "model text must never reach an HTML or script parser (DESIGN 8)";
const parsers = ["innerHTML", "outerHTML", "insertAdjacentHTML", "createContextualFragment", "srcdoc", "setHTMLUnsafe", "parseHTMLUnsafe"];

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
      "no-script-url": "error",
      "no-restricted-globals": ["error", ...["DOMParser", "eval", "Function"].map((name) => ({ name, message: why }))],
      "no-restricted-properties": [
        "error",
        ...parsers.map((property) => ({ property, message: why })),
        { object: "document", property: "write", message: why },
        { object: "document", property: "writeln", message: why },
        ...["window", "globalThis", "self"].flatMap((object) =>
          ["DOMParser", "eval", "Function"].map((property) => ({ object, property, message: why })),
        ),
      ],
      "no-restricted-syntax": [
        "error",
        // The names as strings too: element["innerHTML"], setAttribute("srcdoc", …).
        ...parsers.map((name) => ({ selector: `Literal[value='${name}']`, message: why })),
        { selector: "CallExpression[callee.property.name='setAttribute'][arguments.0.value=/^on/i]", message: why },
      ],
    },
  },
  {
    // A test may break a rule on purpose to show that the page survives it.
    files: ["tests/**/*.ts"],
    rules: { "@typescript-eslint/no-non-null-assertion": "off" },
  },
);
