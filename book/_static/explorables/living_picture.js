// needs optimizers.js
// The landing page's living picture, computed as it plays. Without scripts it shows where it ends.
"use strict";
{
  const { dot, norm, steepestDescent } = ibnotes;

  // One equation in two unknowns, <a, w> = b, and steepest descent of (<a, w> - b)^2 / 2 in three norms: the
  // step is eta |g|_* v, where v of norm one has the largest inner product with minus the gradient g, |g|_*.
  const a = [1, 2], b = 2, SHRINK = 0.8, STEPS = 150; // each step leaves 0.8 of the residual
  const NORMS = { gradient: 2, sign: Infinity, coordinate: 1 };
  const DUALS = { 1: Infinity, 2: 2, [Infinity]: 1 };

  function descend(p, start) {
    const dual = (g) => norm(g, DUALS[p]);
    const step = steepestDescent((1 - SHRINK) / dual(a) ** 2, p);
    const path = [start];
    while (path.length <= STEPS) {
      const w = path.at(-1).slice(), residual = dot(a, w) - b;
      const g = a.map((entry) => entry * residual);
      step(w, g, dual(g));
      path.push(w);
    }
    return path;
  }

  // The picture: 150 pixels a unit, zero at (172.5, 225).
  const UNIT = 150, ZERO = [172.5, 225], REACH = { x: [-0.9, 1.6], y: [-0.8, 1.25] };
  const SECONDS = 8, SHOWN = 25; // steps drawn one by one; what is left then is less than a pixel
  const FRAME = { x: [-1.07, 1.76], y: [-1.02, 1.41] };
  const pixel = ([x, y]) => [ZERO[0] + UNIT * x, ZERO[1] - UNIT * y];
  const clamp = (value, [low, high]) => Math.min(Math.max(value, low), high);
  const show = (w) => `(${w.map((entry) => entry.toFixed(2).replace(/^-(0\.00)$/, "$1")).join(", ")})`;

  const BALLS = {
    gradient: ([x, y], r) => `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`,
    sign: ([x, y], r) => `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}Z`,
    coordinate: ([x, y], r) => `M${x} ${y - r}l${r} ${r}l${-r} ${r}l${-r} ${-r}Z`,
  };

  function bringToLife(figure) {
    const find = (selector) => figure.querySelector(selector);
    const svg = find("svg"), handle = find(".start"), button = find("button"), status = find("[role=status]");
    const still = matchMedia("(prefers-reduced-motion: reduce)");
    let start = [0, 0], paths = {}, progress = 1, playing = false, before = 0, dragging = false, saying = 0;

    function draw() {
      for (const [method, path] of Object.entries(paths)) {
        const k = progress < 1 ? progress * SHOWN : STEPS, i = Math.min(Math.floor(k), STEPS - 1);
        const w = path[i].map((entry, j) => entry + (k - i) * (path[i + 1][j] - entry));
        const group = find(`.method.${method}`), radius = UNIT * norm(w.map((x, j) => x - start[j]), NORMS[method]);
        group.querySelector(".ball").setAttribute("d", BALLS[method](pixel(start), radius));
        group.querySelector(".path").setAttribute("d", `M${pixel(start)}L${pixel(w)}`);
        group.querySelector(".end").setAttribute("transform", `translate(${pixel(w)})`);
        const done = path.slice(0, Math.min(i, SHOWN) + 1);
        group.querySelector(".steps").setAttribute("d", done.map((point) => `M${pixel(point)}h0`).join(""));
      }
      handle.setAttribute("transform", `translate(${pixel(start)})`);
      button.textContent = playing ? "Pause" : progress < 1 ? "Play" : "Replay";
    }

    function tabulate() {
      const ends = Object.fromEntries(Object.entries(paths).map(([method, path]) => [method, path[STEPS]]));
      const length = (method, p) => norm(ends[method].map((x, j) => x - start[j]), p);
      const least = (p) => Math.min(...Object.keys(ends).map((method) => length(method, p)));
      for (const method of Object.keys(ends)) {
        const cells = find(`tr.${method}`).querySelectorAll("td");
        cells[0].textContent = show(ends[method]);
        cells[0].dataset.end = ends[method].join(" ");
        Object.values(NORMS).forEach((p, j) => {
          const value = length(method, p), cell = document.createElement(value - least(p) < 1e-9 ? "strong" : "span");
          cell.textContent = value.toFixed(3);
          cells[j + 1].replaceChildren(cell);
        });
      }
      handle.setAttribute("aria-valuenow", start[0].toFixed(2));
      handle.setAttribute("aria-valuetext", show(start));
    }

    // the point asked for, or the last one before it on the way from zero whose ends are all in the frame
    function startAt(w, play) {
      const seen = ([x, y]) => x === clamp(x, FRAME.x) && y === clamp(y, FRAME.y);
      start = [clamp(w[0], REACH.x), clamp(w[1], REACH.y)];
      for (;;) {
        for (const [method, p] of Object.entries(NORMS)) paths[method] = descend(p, start);
        if (Object.values(paths).every((path) => seen(path[STEPS]))) break;
        start = start.map((entry) => 0.97 * entry);
      }
      tabulate();
      play && !still.matches ? replay() : finish();
    }

    // once the start rests, for screen readers
    function say() {
      clearTimeout(saying);
      saying = setTimeout(() => {
        const ends = Object.entries(paths).map(([method, path]) => `${method} descent ends at ${show(path[STEPS])}`);
        status.textContent = `From ${show(start)}: ${ends.join(", ")}.`;
      }, 600);
    }

    function moveTo(w, play) {
      startAt(w, play);
      say();
    }

    const finish = () => { playing = false; progress = 1; draw(); };
    const replay = () => { progress = 0; resume(); };
    const resume = () => { playing = true; before = performance.now(); requestAnimationFrame(frame); draw(); };

    function frame(now) {
      if (!playing) return;
      progress += Math.max(now - before, 0) / (1000 * SECONDS);
      before = now;
      if (progress >= 1) return finish();
      draw();
      requestAnimationFrame(frame);
    }

    function pointed(event) {
      const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      return [(x - ZERO[0]) / UNIT, (ZERO[1] - y) / UNIT];
    }

    button.addEventListener("click", () => {
      if (playing) { playing = false; draw(); } else if (progress < 1) resume();
      else replay();
    });
    still.addEventListener("change", () => { if (still.matches && playing) finish(); });
    // the page must not scroll along; Chromium ignores touch-action inside an SVG
    handle.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
    handle.addEventListener("pointerdown", (event) => { dragging = true; handle.setPointerCapture(event.pointerId); });
    handle.addEventListener("pointermove", (event) => { if (dragging) moveTo(pointed(event), false); });
    handle.addEventListener("pointercancel", () => { dragging = false; });
    handle.addEventListener("pointerup", () => { dragging = false; });
    svg.addEventListener("click", (event) => { if (!handle.contains(event.target)) moveTo(pointed(event), true); });
    handle.addEventListener("keydown", (event) => {
      const move = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowDown: [0, -0.1], ArrowUp: [0, 0.1] }[event.key];
      if (!move && event.key !== "Home") return;
      event.preventDefault();
      moveTo(move ? start.map((x, i) => x + move[i]) : [0, 0], false);
    });

    find(".controls").hidden = false;
    startAt(start, true);
  }

  document.querySelectorAll(".living").forEach(bringToLife);
}
