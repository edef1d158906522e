// A clock that the measurement turns: frames, timers and idle time come when `frame()` says so, and what lies between
// them is skipped, not waited for. So a stream of minutes takes the time of its work, and the rules that go by the
// clock (one flush a frame, a pause after a long parse) see the clock of a real stream. Knows nothing of Markdown.
export const FRAME_MS = 1000 / 60;

export const real = {
  now: performance.now.bind(performance),
  requestAnimationFrame: window.requestAnimationFrame.bind(window),
};

let skipped = 0;
let nextFrame = 0;
let lastId = 0;
let frames = new Map();
let idles = new Map();
const timers = new Map();
const messages = []; // of channels, by which React's scheduler makes its tasks
const microtasks = [];

export function install() {
  performance.now = now;
  window.requestAnimationFrame = (callback) => add(frames, callback);
  window.cancelAnimationFrame = (id) => frames.delete(id);
  window.requestIdleCallback = (callback) => add(idles, callback);
  window.cancelIdleCallback = (id) => idles.delete(id);
  window.setTimeout = (callback, delay = 0, ...rest) => add(timers, { due: now() + delay, run: () => callback(...rest) });
  window.clearTimeout = (id) => timers.delete(id);
  window.queueMicrotask = (callback) => microtasks.push(callback);
  window.MessageChannel = Channel;
}

/** One way only: from the second port to the first. */
class Channel {
  port1 = { onmessage: null };
  port2 = { postMessage: (data) => messages.push(() => this.port1.onmessage?.({ data })) };
}

function now() {
  return real.now() + skipped;
}

function add(map, value) {
  map.set(++lastId, value);
  return lastId;
}

function skipTo(time) {
  skipped += Math.max(0, time - now());
}

/** `work`, and the microtasks that it leaves. */
function task(work) {
  return () => {
    work();
    for (let next; (next = microtasks.shift()); ) next();
  };
}

/**
 * Goes on to the next frame, by all messages that one frame has time for and all timers that are due before it, then
 * through it. `block` is told of each task.
 */
export function frame(block, atFrame = () => undefined) {
  const until = now() + FRAME_MS;
  for (let message; now() < until && (message = messages.shift()); ) block(task(message));
  const at = Math.max(nextFrame, now());
  nextFrame = at + FRAME_MS;
  for (let timer; (timer = firstTimer(at)); ) {
    timers.delete(timer[0]);
    skipTo(timer[1].due);
    block(task(timer[1].run));
  }
  skipTo(at);
  block(() => {
    const due = [...frames.values()];
    frames = new Map();
    for (const callback of due) task(() => callback(now()))();
    atFrame();
  });
  const due = [...idles.values()];
  idles = new Map();
  const end = nextFrame;
  const deadline = { didTimeout: false, timeRemaining: () => Math.max(0, end - now()) };
  for (const callback of due) block(task(() => callback(deadline)));
}

function firstTimer(before) {
  let first;
  for (const entry of timers) if (entry[1].due <= before && (!first || entry[1].due < first[1].due)) first = entry;
  return first;
}

/** Whether anything still waits for a frame, a timer, a message or idle time. */
export function isPending() {
  return frames.size + timers.size + idles.size + messages.length > 0;
}
