// Stands for punycode.js in the bundle: `new URL()` turns a host into punycode, and none is ever turned back, since a
// homoglyph would look like the real host.
const same = (host: string): string => host;

export default { toASCII: same, toUnicode: same };
