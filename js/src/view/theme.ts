// The host page's light or dark comes in, `data-theme` on the views' host elements goes out: the few colours of
// our own (error, warning) need to know what they stand on. One observer serves all views.

const hosts = new Set<HTMLElement>();
let observer: MutationObserver | undefined;

export function followTheme(host: HTMLElement, signal: AbortSignal): void {
  hosts.add(host);
  host.dataset["theme"] = isDark() ? "dark" : "light";
  if (!observer) {
    observer = new MutationObserver(refresh);
    for (const element of [document.documentElement, document.body]) observer.observe(element, { attributes: true });
    media()?.addEventListener("change", refresh);
  }
  signal.addEventListener("abort", () => {
    hosts.delete(host);
    if (hosts.size > 0) return;
    observer?.disconnect();
    observer = undefined;
    media()?.removeEventListener("change", refresh);
  });
}

let query: MediaQueryList | undefined;
const media = (): MediaQueryList | undefined => (query ??= globalThis.matchMedia?.("(prefers-color-scheme: dark)"));

function refresh(): void {
  const theme = isDark() ? "dark" : "light";
  for (const host of hosts) if (host.dataset["theme"] !== theme) host.dataset["theme"] = theme;
}

/** What the host says of itself (JupyterLab, VS Code, Colab, marimo), else what it looks like, else the system. */
function isDark(): boolean {
  const { body, documentElement: html } = document;
  const isLight = body.dataset["jpThemeLight"];
  if (isLight) return isLight === "false";
  for (const { classList, dataset } of [body, html]) {
    if (["vscode-light", "vscode-high-contrast-light", "light"].some((name) => classList.contains(name))) return false;
    if (["vscode-dark", "vscode-high-contrast", "dark", "dark-theme"].some((name) => classList.contains(name))) return true;
    if (dataset["theme"] === "dark" || dataset["theme"] === "light") return dataset["theme"] === "dark";
  }
  if (html.getAttribute("theme") === "dark") return true; // Colab
  return looksDark(body) ?? looksDark(html) ?? media()?.matches ?? false;
}

function looksDark(element: HTMLElement): boolean | undefined {
  const [r = 0, g = 0, b = 0, alpha = 1] = (getComputedStyle(element).backgroundColor.match(/[\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
  return alpha < 0.5 ? undefined : 0.2126 * r + 0.7152 * g + 0.0722 * b < 128;
}
