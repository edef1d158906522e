// How the page's tests run: in jsdom, which has no layout; what needs layout is tested in a real browser.
import { defineConfig } from "vitest/config";
import { slim } from "./src/markdown/slim/alias.mjs";

export default defineConfig({
  // What is tested is what is built: markdown-it with the same stand-ins, for which it must not stay outside.
  resolve: { alias: slim },
  test: { environment: "jsdom", include: ["tests/**/*.test.ts"], restoreMocks: true, server: { deps: { inline: ["markdown-it"] } } },
});
