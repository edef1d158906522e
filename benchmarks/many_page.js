// In: a page. Out: the gaps between its frames, the long ones by the browser's own account, and what answers read.
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

  // Spaces are left out: a renderer may break lines where the text does not.
  const read = (host) => host.shadowRoot.querySelector("[part~=answer]").textContent.replace(/\s+/g, "");
  const hosts = () => Array.from(document.querySelectorAll(".notebook-stream")).filter((host) => host.shadowRoot);

  window.many = {
    begin() {
      Object.assign(state, { gaps: [], slow: [], last: 0 });
      state.frame = requestAnimationFrame(onFrame);
    },
    end() {
      cancelAnimationFrame(state.frame);
      return { gaps: state.gaps, slow: state.slow };
    },
    answers: () => hosts().map(read),
    onScreen: () => hosts().filter((host) => {
      const { top, bottom } = host.getBoundingClientRect();
      return bottom > 0 && top < innerHeight;
    }).length,
  };
})();
