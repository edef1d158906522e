// Run in a page, gives it `contrasts(element)`: what of the text within can hardly be read.
const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
/** A CSS colour as red, green, blue (0 to 255) and alpha (0 to 1). */
const parse = (color) => {
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = color;
  canvas.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
  return [r, g, b, a / 255];
};
const over = ([r, g, b, a], below) => [r, g, b].map((value, i) => value * a + below[i] * (1 - a));
const parentOf = (element) => element.assignedSlot ?? element.parentElement ?? element.getRootNode().host ?? null;
const luminance = (color) => {
  const [r, g, b] = color.map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

function contrast(element, pseudo) {
  const layers = [];
  let opacity = 1;
  for (let at = element; at; at = parentOf(at)) {
    const style = getComputedStyle(at);
    layers.unshift(parse(style.backgroundColor));
    opacity *= Number(style.opacity);
  }
  const below = layers.reduce((color, layer) => over(layer, color), [255, 255, 255]);
  const [r, g, b, a] = parse(getComputedStyle(element, pseudo).color);
  const [high, low] = [luminance(over([r, g, b, a * opacity], below)), luminance(below)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

/** Every visible piece of text below 4.5 : 1, or 3 : 1 when large, as "what: ratio"; and how many were looked at. */
window.contrasts = (within) => {
  const low = [];
  let count = 0;
  const check = (element, name, pseudo) => {
    const style = getComputedStyle(element, pseudo);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const ratio = contrast(element, pseudo);
    count++;
    if (ratio < (isLarge ? 3 : 4.5)) low.push(`${name}: ${ratio.toFixed(2)}`);
  };
  for (const element of within.querySelectorAll("*")) {
    const isOff = element.closest("[aria-disabled=true], style") || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    if (isOff) continue;
    const text = Array.from(element.childNodes).find((child) => child.nodeType === Node.TEXT_NODE && child.data.trim());
    const name = `${element.localName}${element.className ? "." + element.getAttribute("class") : ""}`;
    if (text) check(element, `${name} "${text.data.trim().slice(0, 20)}"`);
    if (element.matches("a[aria-description]")) check(element, `${name}::after`, "::after");
  }
  return { low, count };
};
