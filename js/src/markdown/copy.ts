// A press on a Copy code button comes in, the code that is shown goes to the clipboard. Knows no Markdown.

/** Milliseconds for which the button says that it worked. */
const THANKS_MS = 2000;

/** Puts `text` on the clipboard; rejects when the browser lets it neither way. */
export async function copyToClipboard(text: string, root: HTMLElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Missing on plain http, refused in some frames: the old way still works there.
    copyByCommand(text, root);
  }
}

function copyByCommand(text: string, root: HTMLElement): void {
  const area = document.createElement("textarea");
  area.className = "ns-clipboard";
  area.value = text;
  root.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("the browser does not let this page copy");
}

/** Makes the Copy code buttons in `root` work until `signal` aborts. */
export function listenForCopy(
  root: HTMLElement,
  copyText: (text: string) => Promise<void>,
  onError: (error: unknown) => void,
  signal: AbortSignal,
): void {
  const copy = async (button: HTMLElement) => {
    const code = button.closest(".ns-code")?.querySelector("code")?.textContent ?? "";
    try {
      await copyText(code);
      button.textContent = "Copied";
    } catch (error) {
      button.textContent = "Copy failed";
      onError(error);
    }
    setTimeout(() => (button.textContent = "Copy code"), THANKS_MS);
  };
  root.addEventListener(
    "click",
    (event) => {
      const button = event.target instanceof Element ? event.target.closest<HTMLElement>("button.ns-copy") : null;
      if (button) void copy(button);
    },
    { signal },
  );
}
