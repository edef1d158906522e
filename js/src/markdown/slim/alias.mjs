// For the build: which of markdown-it's dependencies have a smaller stand-in here (esbuild's `alias`).
import { fileURLToPath } from "node:url";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

export const slim = {
  entities: here("entities.ts"),
  "linkify-it": here("linkify-it.ts"),
  "uc.micro": here("uc.micro.ts"),
  "punycode.js": here("punycode.ts"),
};
