// Text comes in and goes to the clipboard, also where navigator.clipboard is missing (plain http, some iframes).

/** True when the text has been copied. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

function copyBySelection(text: string): boolean {
  const before = document.activeElement;
  const inner = before?.shadowRoot?.activeElement;
  const area = document.createElement("textarea");
  area.value = text;
  area.readOnly = true;
  area.setAttribute("aria-hidden", "true");
  area.style.cssText = "position:fixed;top:0;left:-999px";
  document.body.append(area);
  area.select();
  try {
    return document.execCommand("copy"); // deprecated, and the only other way there is
  } catch {
    return false;
  } finally {
    area.remove();
    const focused = inner ?? before;
    if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
  }
}
