// How the page's tests run: in jsdom, which has no layout; what needs layout is tested in a real browser.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { environment: "jsdom", include: ["tests/**/*.test.ts"], restoreMocks: true },
});
