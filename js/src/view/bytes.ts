// Base64 as a server sent it comes in, bytes go out, and what their first ones say they are: a server's own word for it
// is not taken. Knows no DOM.

export type PictureType = "image/png" | "image/jpeg" | "image/webp" | "image/gif";
export type SoundType = "audio/wav" | "audio/mpeg" | "audio/ogg" | "audio/flac" | "audio/mp4" | "audio/webm";

export interface Size {
  width: number;
  height: number;
}

/** The bytes of all pieces; null where they are no base64. Each may be encoded by itself, or one text was cut. */
export function bytesOf(pieces: readonly string[]): Uint8Array<ArrayBuffer> | null {
  const isEachWhole = pieces.slice(0, -1).some((piece) => piece.endsWith("="));
  try {
    const texts = (isEachWhole ? pieces : [pieces.join("")]).map((piece) => atob(piece));
    const bytes = new Uint8Array(texts.reduce((sum, text) => sum + text.length, 0));
    let at = 0;
    for (const text of texts) for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
    return bytes;
  } catch {
    return null;
  }
}

const ascii = (bytes: Uint8Array, from: number, to: number): string => String.fromCharCode(...bytes.subarray(from, to));
const big = (bytes: Uint8Array, at: number, count: number): number =>
  bytes.subarray(at, at + count).reduce((sum, byte) => sum * 256 + byte, 0);
const little = (bytes: Uint8Array, at: number, count: number): number =>
  bytes.subarray(at, at + count).reduceRight((sum, byte) => sum * 256 + byte, 0);

/** What picture these bytes are, and how large; null for anything that is not on the list or says no size. */
export function pictureOf(bytes: Uint8Array): { type: PictureType; size: Size } | null {
  if (bytes.length < 30) return null;
  if (big(bytes, 0, 8) === 0x89504e470d0a1a0a && ascii(bytes, 12, 16) === "IHDR") {
    return { type: "image/png", size: { width: big(bytes, 16, 4), height: big(bytes, 20, 4) } };
  }
  if (/^GIF8[79]a$/.test(ascii(bytes, 0, 6))) {
    return { type: "image/gif", size: { width: little(bytes, 6, 2), height: little(bytes, 8, 2) } };
  }
  if (ascii(bytes, 0, 4) === "RIFF" && ascii(bytes, 8, 12) === "WEBP") {
    const size = webpSize(bytes);
    return size && { type: "image/webp", size };
  }
  if (big(bytes, 0, 3) === 0xffd8ff) {
    const size = jpegSize(bytes);
    return size && { type: "image/jpeg", size };
  }
  return null;
}

/** WebP container specification: a simple, a lossless or an extended file. */
function webpSize(bytes: Uint8Array): Size | null {
  switch (ascii(bytes, 12, 16)) {
    case "VP8 ":
      return { width: little(bytes, 26, 2) & 0x3fff, height: little(bytes, 28, 2) & 0x3fff };
    case "VP8L":
      return { width: (little(bytes, 21, 2) & 0x3fff) + 1, height: ((little(bytes, 22, 3) >> 6) & 0x3fff) + 1 };
    case "VP8X":
      return { width: little(bytes, 24, 3) + 1, height: little(bytes, 27, 3) + 1 };
    default:
      return null;
  }
}

/** ITU-T T.81, annex B: the size stands in the frame header, behind segments that tell their length. */
function jpegSize(bytes: Uint8Array): Size | null {
  for (let at = 2; at + 9 < bytes.length && bytes[at] === 0xff; at += 2 + Math.max(2, big(bytes, at + 2, 2))) {
    const marker = bytes[at + 1] ?? 0;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { width: big(bytes, at + 7, 2), height: big(bytes, at + 5, 2) };
  }
  return null;
}

/** What sound these bytes are; null for anything that is not on the list. */
export function soundOf(bytes: Uint8Array): SoundType | null {
  const head = ascii(bytes, 0, 4);
  if (head === "RIFF" && ascii(bytes, 8, 12) === "WAVE") return "audio/wav";
  if (head === "OggS") return "audio/ogg";
  if (head === "fLaC") return "audio/flac";
  if (head.startsWith("ID3") || /^(?:fffb|fff3|fff2)$/.test(big(bytes, 0, 2).toString(16))) return "audio/mpeg";
  if (ascii(bytes, 4, 8) === "ftyp") return "audio/mp4";
  return big(bytes, 0, 4) === 0x1a45dfa3 ? "audio/webm" : null;
}

/** Samples a second where nobody tells: those of OpenAI's and Gemini's speech. */
const PCM_RATE = 24_000;

/**
 * Bare samples with the head that a browser needs: 16 bits, one channel, little-endian, which is what OpenAI's
 * `pcm16` and Gemini's `audio/L16` are. Null where `mimeType` says that these are something else.
 */
export function wavOf(samples: Uint8Array<ArrayBuffer>, mimeType: string): Uint8Array<ArrayBuffer> | null {
  // A stream of chat completions does not tell; its API reference allows pcm16 alone.
  if (mimeType && !/^audio\/(?:pcm|l16|x-raw)/i.test(mimeType)) return null;
  const told = Number(/rate=(\d{4,6})/.exec(mimeType)?.[1] ?? PCM_RATE);
  const wav = new Uint8Array(44 + samples.length);
  const view = new DataView(wav.buffer);
  const put = (at: number, text: string): void => [...text].forEach((letter, i) => view.setUint8(at + i, letter.charCodeAt(0)));
  put(0, "RIFF");
  view.setUint32(4, 36 + samples.length, true);
  put(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, told, true);
  view.setUint32(28, told * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  put(36, "data");
  view.setUint32(40, samples.length, true);
  wav.set(samples, 44);
  return wav;
}
