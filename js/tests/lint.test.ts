// @vitest-environment node
// Each way of handing a string to a parser of HTML or scripts, or of asking for an address, is planted in a source file:
// the linter must report it. What the sources do instead must pass.
import { fileURLToPath } from "node:url";
import { ESLint } from "eslint";
import { expect, test } from "vitest";

const js = fileURLToPath(new URL("..", import.meta.url));
const file = `${js}src/markdown/links.ts`; // any file of the project: rules with types know no others
const START_MS = 300_000; // the type checker's, on a busy machine: seconds on a quiet one

const HEAD = "declare const s: string; declare const e: HTMLElement; declare const d: Document; declare const r: Range;";

const SAFETY = /^(?:no-eval|no-new-func|no-script-url|no-restricted-.*|@typescript-eslint\/no-implied-eval)$/u;

const FORBIDDEN = [
  "e.innerHTML = s;",
  "e.outerHTML = s;",
  'e["innerHTML"] = s;',
  "(e as any)[`innerHTML`] = s;",
  "Object.assign(e, { innerHTML: s });",
  'Reflect.set(e, "innerHTML", s);',
  "const { innerHTML } = e; return innerHTML;",
  'e.insertAdjacentHTML("beforeend", s);',
  "r.createContextualFragment(s);",
  'new DOMParser().parseFromString(s, "text/html");',
  "new window.DOMParser();",
  'new globalThis["DOMParser"]();',
  "new XSLTProcessor();",
  "d.implementation.createHTMLDocument(s);",
  "document.write(s);",
  "document.writeln(s);",
  "e.ownerDocument.write(s);",
  "e.setHTMLUnsafe(s);",
  "(e as any).setHTML(s);",
  "(Document as any).parseHTMLUnsafe(s);",
  "(Document as any).parseHTML(s);",
  "document.createElement('iframe').srcdoc = s;",
  'e.setAttribute("srcdoc", s);',
  'e.setAttribute("onclick", s);',
  'e.setAttribute("style", s);',
  "e.style.cssText = s;",
  "eval(s);",
  "(0, eval)(s);",
  "globalThis.eval(s);",
  "new Function(s);",
  "Function(s);",
  "new globalThis.Function(s);",
  'setTimeout("alert(1)");',
  "setTimeout(s, 1);",
  "setInterval(s, 1);",
  "void import(s);",
  "void import(`./${s}`);",
  'void import("https://cdn.test/x.js");',
  'void import("//cdn.test/x.js");',
  "importScripts(s);",
  "new Worker(s);",
  'e.setAttribute("href", "javascript:alert(1)");',
  'e.setAttribute("href", ` JavaScript:${s}`);',
  'e.setAttribute("href", "data:text/html,x");',
  'document.createElement("script");',
  'document.createElement("IFRAME");',
  'document.createElement("img");',
  'document.createElement("audio");',
  "URL.createObjectURL(new Blob([s]));",
  'document.createElementNS("http://www.w3.org/2000/svg", "svg");',
  'document.execCommand("insertHTML", false, s);',
  "void fetch(s);",
  "new XMLHttpRequest();",
  "new WebSocket(s);",
  "new EventSource(s);",
  "new Image().src = s;",
  "navigator.sendBeacon(s);",
  "open(s);",
  "window.open(s);",
  "location.href = s;",
  "window.location = s as any;",
  "/* eslint-disable */ e.innerHTML = s;",
];

const ALLOWED = [
  "e.append(document.createTextNode(s));",
  "e.textContent = s;",
  'e.append(document.createElement("span"));',
  'e.setAttribute("title", s);',
  'document.execCommand("copy");',
  "setTimeout(() => e.remove(), 1);",
  'e.style.cssText = "position: fixed";',
];

/** Those lines of which no safety rule says anything; all of them in one file, for types take seconds. */
async function passed(lines: readonly string[], filePath = file): Promise<string[]> {
  const functions = lines.map((line) => `void (() => { ${line} });`);
  const linter = new ESLint({ cwd: js });
  const [result] = await linter.lintText([HEAD, ...functions].join("\n"), { filePath });
  expect(result!.fatalErrorCount).toBe(0);
  const reported = new Set(result!.messages.filter(({ ruleId }) => SAFETY.test(ruleId ?? "")).map(({ line }) => line));
  return lines.filter((_, index) => !reported.has(index + 2));
}

test("everything that parses, runs or asks is reported", { timeout: START_MS }, async () => {
  expect(await passed(FORBIDDEN)).toEqual([]);
});

test("what the sources do instead is not", { timeout: START_MS }, async () => {
  expect(await passed(ALLOWED)).toEqual(ALLOWED);
});

test("one file makes pictures and players of bytes, and may do nothing else of it", { timeout: START_MS }, async () => {
  const own = ['document.createElement("img");', 'document.createElement("audio");', "URL.createObjectURL(new Blob([s]));"];
  expect(await passed(FORBIDDEN, `${js}src/view/blobs.ts`)).toEqual(own);
});

test("one file runs the modules that a page of its own holds, and may do nothing else of it", { timeout: START_MS }, async () => {
  const own = ["void import(s);", "void import(`./${s}`);", "URL.createObjectURL(new Blob([s]));"];
  expect(await passed(FORBIDDEN, `${js}src/inspect/modules.ts`)).toEqual(own);
});
