// The player with a clock that is turned by hand: when each moment is shown, steps in both directions, speed, loop, live,
// several tracks in step; and that the run at each place is the one that was there then.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createInspector } from "../../src/inspect/inspector";
import { createPlayer, type Player } from "../../src/inspect/player";
import { createPlayback } from "../../src/inspect/playback";
import { createTrace, type Moment } from "../../src/inspect/trace";
import { placeWords } from "../../src/inspect/transport";
import { charsOf, whole } from "../../src/store";
import { ending, inspectorModel, opening, run, text, track, WORDS } from "./fake";

let end: AbortController;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] });
  end = new AbortController();
});
afterEach(() => {
  end.abort();
  vi.useRealTimers();
});

const REPLAY = { replay: true, playing: true };
const all = run(...WORDS);

/** The player of what is loaded; its clock begins with the last of it. */
async function open(kept: Moment[][] = [all], options: object = REPLAY, tracks = kept.map(() => track())) {
  const model = inspectorModel(kept.map((list) => [...list]), options, tracks);
  const inspector = createInspector(model, end.signal);
  await vi.advanceTimersByTimeAsync(0);
  const player = createPlayer(inspector, end.signal);
  await vi.advanceTimersByTimeAsync(0);
  return { model, inspector, player };
}
const textOf = (player: Player, track = 0) => whole(player.playbacks[track]!.run.text);
const after = (ms: number) => vi.advanceTimersByTimeAsync(ms);

test("each moment is shown at its own time, none before it", async () => {
  const { player } = await open();
  const shown: [number, string][] = [];
  const start = performance.now();
  player.subscribe(() => {
    const now = textOf(player);
    if (now !== (shown.at(-1)?.[1] ?? "")) shown.push([performance.now() - start, now]);
  }, end.signal);
  await after(3000);
  expect(shown.map(([, now]) => now)).toEqual(WORDS.map((_, i) => WORDS.slice(0, i + 1).join("")));
  for (const [i, [at]] of shown.entries()) {
    expect(at).toBeGreaterThanOrEqual(499 + 100 * i);
    expect(at).toBeLessThanOrEqual(500 + 100 * i + 20);
  }
  expect(player.isPlaying).toBe(false);
  expect(player.playbacks[0]!.run.ended).toBe(true);
});

test.each([0.1, 0.5, 2, 10])("%s times as fast", async (speed) => {
  const { player } = await open([all], { ...REPLAY, speed });
  await after(500 / speed - 20);
  expect(textOf(player)).toBe("");
  await after(40);
  expect(textOf(player)).toMatch(/^The/u);
});

test("a change of speed counts from then on", async () => {
  const { player } = await open();
  await after(400);
  player.setSpeed(0.1);
  await after(900);
  expect(textOf(player)).toBe("");
  await after(150);
  expect(textOf(player)).toBe("The");
});

test("pause holds the place, play goes on from it", async () => {
  const { player } = await open();
  await after(650);
  player.toggle();
  expect(player.position).toBeCloseTo(0.65, 2);
  await after(5000);
  expect(textOf(player)).toBe("The cat");
  player.toggle();
  await after(60);
  expect(textOf(player)).toBe("The cat sat");
});

test("steps by token go from one to the next and back again", async () => {
  const { player } = await open();
  player.pause();
  const seen = [];
  for (let i = 0; i < WORDS.length; i++) {
    player.step("token", 1);
    seen.push(textOf(player));
  }
  expect(seen).toEqual(WORDS.map((_, i) => WORDS.slice(0, i + 1).join("")));
  const back = [];
  for (let i = 0; i < WORDS.length; i++) {
    player.step("token", -1);
    back.push(textOf(player));
  }
  expect(back).toEqual(WORDS.map((_, i) => WORDS.slice(0, WORDS.length - 1 - i).join("")));
  expect(player.isPlaying).toBe(false);
});

test("steps by event take those without text too", async () => {
  const list = [opening, { at: 0.1, name: ":", data: "ping" }, text(0.2, "A"), text(0.2, "B"), ending(0.3)];
  const { player } = await open([list]);
  player.seek(0);
  player.pause();
  const places = () => [player.playbacks[0]!.place.moments, textOf(player)];
  expect(places()).toEqual([1, ""]);
  const seen = [1, 1, 1, 1, -1, -1].map((direction) => {
    player.step("event", direction as 1 | -1);
    return places();
  });
  expect(seen).toEqual([[2, ""], [3, "A"], [4, "AB"], [5, "AB"], [4, "AB"], [3, "A"]]);
});

test("of two tokens at the same time each has its step, and play goes on behind it", async () => {
  const list = [opening, text(0.2, "A"), text(0.2, "B"), text(0.4, "C"), ending(0.5)];
  const { player } = await open([list]);
  player.pause();
  player.step("token", 1);
  expect(textOf(player)).toBe("A");
  player.play();
  await after(10);
  expect(textOf(player)).toBe("AB");
});

test("sought anywhere, the run is the one that was there then", async () => {
  const { player } = await open();
  player.pause();
  for (const seconds of [0.95, 0.55, 1.2, 0, 0.72, 0.5, 99]) {
    player.seek(seconds);
    const due = all.filter(({ at }) => at <= seconds).map(({ piece }) => piece?.text ?? "").join("");
    expect(textOf(player)).toBe(due);
    expect(player.playbacks[0]!.run.ended).toBe(seconds >= 1.2);
    expect(player.playbacks[0]!.run.state.status).toBe(seconds >= 1.2 ? "done" : seconds >= 0.5 ? "streaming" : "connecting");
  }
});

test("played again after the end it begins anew", async () => {
  const { player } = await open();
  await after(2000);
  expect(player.isPlaying).toBe(false);
  player.play();
  await after(510);
  expect(textOf(player)).toBe("The");
});

test("a loop shows the end for a second, then begins anew", async () => {
  const { player } = await open([all], { ...REPLAY, loop: true });
  await after(1250);
  expect(textOf(player)).toBe(WORDS.join(""));
  await after(850);
  expect(textOf(player)).toBe(WORDS.join(""));
  await after(200);
  expect(textOf(player)).toBe("");
  await after(600);
  expect(textOf(player)).toMatch(/^The/u);
});

test("not played, a recording shows its end", async () => {
  const { player } = await open([all], { replay: true });
  expect(textOf(player)).toBe(WORDS.join(""));
  expect(player.isPlaying).toBe(false);
  expect(player.isLive).toBe(false);
});

test("live it shows what comes at once; one may go back, and to Live again", async () => {
  const { model, player } = await open([all.slice(0, 3)], {});
  expect([player.isLive, player.isFollowing, textOf(player)]).toEqual([true, true, "The cat"]);
  model.push([all[3]!]);
  expect(textOf(player)).toBe("The cat sat");
  player.seek(0.55);
  player.pause();
  model.push([all[4]!]);
  expect([player.isFollowing, textOf(player)]).toEqual([false, "The"]);
  player.follow();
  expect(textOf(player)).toBe("The cat sat on");
  model.push(all.slice(5));
  expect([player.isLive, player.isPlaying, player.playbacks[0]!.run.ended]).toEqual([false, false, true]);
});

test("played behind a live run, faster than it, it catches up and follows", async () => {
  const { model, player } = await open([all.slice(0, 3)], { speed: 2 });
  player.seek(0);
  expect(player.isFollowing).toBe(false);
  await after(2000);
  expect(player.isFollowing).toBe(true);
  model.push([all[3]!]);
  expect(textOf(player)).toBe("The cat sat");
});

test("while more is on its way the clock waits for it", async () => {
  const model = inspectorModel([all], REPLAY, [track()], 3);
  const answer = model.onSend;
  let isSlow = false;
  model.onSend = (message) => void (isSlow ? setTimeout(() => answer(message), 5000) : answer(message));
  const inspector = createInspector(model, end.signal);
  isSlow = true;
  const player = createPlayer(inspector, end.signal);
  await after(4000);
  expect(textOf(player)).toBe("The cat");
  expect(player.position).toBeCloseTo(0.6);
  await after(1500);
  expect(textOf(player)).toMatch(/^The cat sat/u);
});

test("in a race all tracks are in step; else only the chosen one moves", async () => {
  const other = [opening, text(0.1, "Quick"), ending(0.2)];
  const { player } = await open([all, other], { ...REPLAY, race: true });
  await after(620);
  expect([textOf(player, 0), textOf(player, 1)]).toEqual(["The cat", "Quick"]);
  player.step("token", -1);
  expect([textOf(player, 0), player.playbacks[1]!.run.ended]).toEqual(["The", true]);
  player.seek(0.05);
  expect([textOf(player, 0), textOf(player, 1)]).toEqual(["", ""]);
  expect(player.length).toBeCloseTo(1.2);
});

test("a new branch is chosen and followed", async () => {
  const { model, player } = await open([all], {});
  model.kept.push([opening, text(0.1, "Dog")]);
  model.traits["_tracks"] = [track(), track({ parent: 0, token: 1 })];
  model.emit("change:_tracks");
  await after(20);
  expect([player.chosen, player.isLive, textOf(player, 1)]).toEqual([1, true, "Dog"]);
  player.choose(0);
  expect([player.chosen, player.isLive, textOf(player, 0)]).toEqual([0, false, WORDS.join("")]);
});

test("the place is said in words", async () => {
  const { player } = await open();
  player.pause();
  player.seek(0.75);
  expect(placeWords(player)).toBe("0.8 s of 1.2 s, piece 3 of 7");
});

test("the text of the same run only grows where it goes on, and begins anew where it goes back", () => {
  const trace = createTrace(track());
  trace.add(all);
  const playback = createPlayback(trace);
  const { text: growing } = playback.run;
  playback.goTo(3, 0.6);
  playback.goTo(5, 0.8);
  expect([growing.epoch, playback.version]).toEqual([0, 0]);
  playback.goTo(2, 0.5);
  expect([growing.epoch, whole(growing), playback.version, charsOf(playback.run)]).toEqual([1, "The", 0, 3]);
});

test("what a view could not take back makes another run", () => {
  const trace = createTrace(track());
  trace.add([opening, { ...text(0.1, "A"), piece: { reasoning: "hm" } }, text(0.2, "B"), ending(0.3)]);
  const playback = createPlayback(trace);
  playback.goTo(4, 0.3);
  const before = playback.run;
  playback.goTo(3, 0.2);
  expect([playback.version, playback.run === before]).toEqual([0, true]);
  playback.goTo(1, 0);
  expect([playback.version, playback.run === before, playback.run.reasoning.length]).toEqual([1, false, 0]);
});

test("a step back by token from between two goes to the one before, not beyond it", async () => {
  const { player } = await open([[opening, text(0.1, "A"), { at: 0.2, name: ":", data: "ping" }, text(0.3, "B"), ending(0.4)]]);
  player.pause();
  player.seek(0.25);
  expect([player.playbacks[0]!.place.moments, textOf(player)]).toEqual([3, "A"]);
  player.step("token", -1);
  expect([player.playbacks[0]!.place.moments, textOf(player)]).toEqual([2, "A"]);
});

test("another track that is chosen while one plays goes on from there", async () => {
  const { player } = await open([all, run("One", " two", " three")]);
  await after(650);
  player.choose(1);
  expect([player.isPlaying, player.isFollowing, textOf(player, 1)]).toEqual([true, false, "One two"]);
});

test("a jump ahead may be drawn at once, what comes next is written on", () => {
  const trace = createTrace(track());
  trace.add(all);
  const playback = createPlayback(trace);
  playback.goTo(2, 0);
  const { epoch } = playback.run.text;
  playback.goTo(3, 0);
  expect([playback.version, playback.run.text.epoch]).toEqual([0, epoch]);
  playback.goTo(6, 0, true);
  expect(playback.version + playback.run.text.epoch).toBeGreaterThan(epoch);
  expect(whole(playback.run.text)).toBe(WORDS.slice(0, 5).join(""));
});

test("an answer that turns out to be JSON has its view made anew", () => {
  const trace = createTrace(track());
  trace.add([opening, text(0.1, "{", { state: { status: "streaming", asked: { json: true } } })]);
  const playback = createPlayback(trace);
  playback.goTo(1, 0);
  expect(playback.version).toBe(0);
  playback.goTo(2, 0);
  expect(playback.version).toBe(1);
});
