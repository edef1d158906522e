// What a reader sees of a replay page, frame by frame: called in the page by benchmarks/replay.py. Knows nothing of its code
// but the elements a reader uses.
window.bench = (() => {
  const root = () => document.querySelector(".notebook-stream").shadowRoot;
  const all = (node, selector) => [
    ...node.querySelectorAll(selector),
    ...[...node.querySelectorAll("*")].flatMap(({ shadowRoot }) => (shadowRoot ? all(shadowRoot, selector) : [])),
  ];
  const text = () => all(root(), "[part=answer] .ns-markdown")[0]?.textContent ?? "";
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const button = (name) => all(root(), "button").find((one) => (one.ariaLabel ?? one.textContent).trim().startsWith(name));
  const seek = (value) => {
    const slider = root().querySelector("input.place");
    slider.value = String(value);
    slider.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
  };
  const percentile = (values, share) => [...values].sort((a, b) => a - b)[Math.max(0, Math.ceil(share * values.length) - 1)];
  const summary = (values) => ({ p50: percentile(values, 0.5), p99: percentile(values, 0.99), max: Math.max(...values), count: values.length });

  return {
    open(names) {
      for (const name of ["Answer", "Tokens", "Timing", "Wire"]) {
        const toggle = all(root(), "button[aria-pressed]").find((one) => one.textContent.trim() === name);
        if ((toggle.getAttribute("aria-pressed") === "true") !== names.includes(name)) toggle.click();
      }
    },
    /** `due`: [characters shown, seconds], in order. How late each is in the page, as a change of its text. */
    async replayed(due) {
      seek(0);
      for (let n = 0; n < 10; n++) await frame();
      const seen = []; // [characters, ms]
      let length = 0;
      const observer = new MutationObserver(() => {
        const now = text().length;
        if (now !== length) seen.push([(length = now), performance.now()]);
      });
      observer.observe(all(root(), "[part=answer]")[0], { childList: true, characterData: true, subtree: true });
      const began = performance.now();
      button("Play").click();
      const [last, seconds] = due.at(-1);
      while (text().length < last && performance.now() - began < (seconds + 20) * 1000) await frame();
      observer.disconnect();
      const late = [];
      let at = 0;
      for (const [chars, due_s] of due) {
        while (at < seen.length && seen[at][0] < chars) at++;
        late.push(at < seen.length ? seen[at][1] - began - due_s * 1000 : NaN);
      }
      return { late: summary(late), lost: late.filter(Number.isNaN).length };
    },
    /** From the slider's move to the painted frame after it, at random places; whether the text is what is due there. */
    async scrubbed(places) {
      const times = [];
      let wrong = 0;
      for (const [seconds, chars] of places) {
        const began = performance.now();
        seek(seconds);
        while (text().length !== chars && performance.now() - began < 2000) await frame();
        await new Promise((resolve) => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = resolve;
          requestAnimationFrame(() => port2.postMessage(0)); // after this frame has been painted
        });
        times.push(performance.now() - began);
        if (text().length !== chars) wrong++;
        for (let n = 0; n < 6; n++) await frame();
      }
      return { ...summary(times), wrong };
    },
    /** The gaps between frames while the list of events is scrolled through. */
    async scrolled(seconds) {
      const list = all(root(), ".view-wire *").find((one) => one.scrollHeight > 4 * one.clientHeight && one.clientHeight > 100);
      const gaps = [];
      let before = await frame();
      const began = before;
      let step = 0;
      while (before - began < seconds * 1000) {
        list.scrollTop = (Math.sin(step++ / 40) * 0.5 + 0.5) * (list.scrollHeight - list.clientHeight);
        const now = await frame();
        gaps.push(now - before);
        before = now;
      }
      return { ...summary(gaps), height: list.scrollHeight };
    },
  };
})();
