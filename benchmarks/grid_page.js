// In: a page with one comparison. Out: the gaps between its frames, and what each of its cells reads once it is in sight.
(() => {
  const state = { gaps: [], slow: [], last: 0, frame: 0 };

  const onFrame = (now) => {
    if (state.last) state.gaps.push(now - state.last);
    state.last = now;
    state.frame = requestAnimationFrame(onFrame);
  };

  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) state.slow.push(duration);
  }).observe({ type: "long-animation-frame" });

  const frames = async (count) => {
    for (let at = 0; at < count; at++) await new Promise(requestAnimationFrame);
  };
  const root = () => document.querySelector(".notebook-stream").shadowRoot;
  const cells = () => Array.from(root().querySelectorAll(".cell[role=gridcell]:not(.blank)"));
  const answer = (cell) => cell.querySelector("[part~=answer]");
  // Spaces are left out: a renderer may break lines where the text does not.
  const read = (cell) => (answer(cell)?.textContent ?? "").replace(/\s+/g, "");

  window.grid = {
    begin() {
      Object.assign(state, { gaps: [], slow: [], last: 0 });
      state.frame = requestAnimationFrame(onFrame);
    },
    end() {
      cancelAnimationFrame(state.frame);
      return { gaps: state.gaps, slow: state.slow };
    },
    size: () => cells().length,
    mounted: () => cells().filter(answer).length,
    /** Scrolls to each cell, as a reader would, and reads it. */
    async texts() {
      const texts = [];
      for (const cell of cells()) {
        cell.scrollIntoView({ block: "center", inline: "center" });
        for (let tries = 0; tries < 60 && !read(cell); tries++) await frames(1);
        await frames(2);
        texts.push(read(cell));
      }
      return texts;
    },
  };
})();
