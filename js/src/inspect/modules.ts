// The packed blocks of a page of its own come in by their names, the text or the module that each holds goes out. The
// modules are ours, put there by recording.to_html() beside the recording; nothing that a model wrote is one.

/** Our own modules; no other block is run. */
export type ModuleName = "core" | "inspect" | "inspector" | "highlight" | "maths";

const blockOf = (name: string): string => document.getElementById(`ns-${name}`)?.textContent?.trim() ?? "";

export const hasBlock = (name: string): boolean => blockOf(name) !== "";

export async function unpack(name: string): Promise<string> {
  const packed = Uint8Array.from(atob(blockOf(name)), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

/** Runs the module; what it exports as default is a function. */
export async function load(name: ModuleName): Promise<unknown> {
  const url = URL.createObjectURL(new Blob([await unpack(name)], { type: "text/javascript" }));
  try {
    const { default: make } = (await import(url)) as { default: () => unknown };
    return make();
  } finally {
    URL.revokeObjectURL(url);
  }
}
