// needs scalar_network.js widgets.js
// Gradient descent below and beyond the stability limit, in a valley whose minima are not equally sharp.
"use strict";
{
  const { clamp, tidy, trainScalar, scalarSharpness, scalarFlow } = ibnotes;

  const [ACROSS, UP] = [[-1.9, 1.9], [-1.4, 1.4]]; // of the plane
  const STARTS = [[-1.6, 1.6], [-1.2, 1.2]]; // from all of them flow and descent end inside the plane, if they end
  const LEVELS = [-0.5, 0, 0.5, 1.5, 2, 2.5]; // of w, in pairs of the same loss
  const GRID = Array.from({ length: 61 }, (_, k) => k / 30 - 1);
  const [STEPS, MARKED, SETTLED] = [1000, 40, 1e-6];
  const FLATTEST = 4;
  const LOG = { to: Math.log, from: Math.exp };
  const COUNTS = { to: Math.log1p, from: Math.expm1 }; // logarithmic, and with room for zero

  /** Both branches of u^2 - v^2 = w, for |v| up to `reach` where w is positive. */
  const hyperbola = (w, reach = UP[1]) => {
    const upright = (v) => [Math.sqrt(v * v + w), v];
    const lying = (u) => [u, Math.sqrt(u * u - w)];
    const branch = GRID.map((s) => (w > 0 ? upright(reach * s) : lying(ACROSS[1] * s)));
    return [branch, branch.map(([u, v]) => [-u, -v])];
  };

  /** The step from which on nothing moves; the last one where something still does. */
  const settledAt = (path) => {
    const moved = (k) => Math.hypot(path[k][0] - path[k - 1][0], path[k][1] - path[k - 1][1]);
    let k = path.length - 1;
    while (k > 0 && moved(k) < SETTLED) k -= 1;
    return k;
  };

  const three = (v) => tidy(Number(v.toPrecision(3)));
  const place = (point) => `(${point.map((entry) => tidy(Number(entry.toFixed(2)))).join(", ")})`;
  const count = (k) => `${k} step${k === 1 ? "" : "s"}`;

  const flowSays = (end, limit) => {
    if (end[0] === 0) return "Gradient flow would go to the saddle at the origin.";
    const sharpness = scalarSharpness(end);
    const side = sharpness > limit ? "above" : "below";
    return `Gradient flow would end at sharpness ${three(sharpness)}, ${side} the limit.`;
  };

  const descentSays = (path, limit) => {
    if (path.length <= STEPS) return `Gradient descent diverges: it is beyond 1000 after ${count(path.length)}.`;
    const [end, arrival] = [path.at(-1), settledAt(path)];
    const sharpness = scalarSharpness(end);
    if (arrival < STEPS) {
      const luck = sharpness > limit ? ", which it has hit exactly" : "";
      const where = `at ${place(end)}, of sharpness ${three(sharpness)}${luck}`;
      return `Gradient descent ends, after ${count(arrival)}, ${where}.`;
    }
    const reason = limit < FLATTEST ? `: even the flattest minima, of sharpness ${FLATTEST}, are above the limit` : "";
    return `After ${STEPS} steps gradient descent has not come to rest${reason}.`;
  };

  ibnotes.explorable("stability", (ui) => {
    const plane = ui.plot({
      label: "The minima of the loss, and the steps of gradient descent",
      x: { domain: ACROSS, label: "u" },
      y: { domain: UP, label: "v" },
      equal: true,
    });
    const trace = ui.plot({
      label: "Sharpness against steps, and the stability limit",
      x: { domain: [0, STEPS], label: "steps", scale: COUNTS, ticks: [0, 1, 10, 100, 1000] },
      y: { domain: [1.5, 42], label: "sharpness", scale: LOG, ticks: [2, 5, 10, 20, 40] },
      height: plane.height,
    });
    for (const level of LEVELS) for (const branch of hyperbola(level)) plane.line("grey thin")(branch);
    for (const branch of hyperbola(1)) plane.line("green dashed")(branch);
    const stable = [plane.line("green heavy"), plane.line("green heavy")];
    const limitLine = trace.line("theory");
    const [jumps, target] = [plane.line("orange thin"), plane.ring()];
    const specks = Array.from({ length: MARKED }, () => plane.speck("orange"));
    const last = plane.dot("orange");
    const sides = [trace.line("orange"), trace.line("orange")];
    const allowed = (place) => place.map((entry, j) => clamp(entry, STARTS[j]));
    const start = ui.handle(plane, { label: "start", x: 1, y: 1, shape: "square", colour: "blue", allowed });
    ui.key([
      ["line orange", "gradient descent"],
      ["line green heavy", "minima below 2/η"],
      ["line green dashed", "sharper minima"],
      ["line grey thin", "equal loss"],
      ["line theory", "2/η"],
      ["ring theory", "where gradient flow would end"],
    ]);
    const format = (eta) => `η = ${tidy(eta)}`;
    const size = ui.slider({ label: "Step size", min: 0.05, max: 0.65, step: 0.005, value: 0.24, format });
    ui.play(size);

    ui.tries([
      [
        "a small step",
        () => (size.value = 0.05),
        "Descent ends beside the ring, where gradient flow would: the sharpness stays far below its limit.",
      ],
      [
        "across the valley",
        () => (size.value = 0.35),
        "The ring is too sharp for this step: descent jumps across the valley until it is at a flatter minimum.",
      ],
      [
        "beyond one half",
        () => [start.put(0.4, 0.3), (size.value = 0.55)],
        "Even the flattest minima repel: it jumps on, and stays bounded.",
      ],
    ]);

    const drawPlane = (path, limit, flow) => {
      const reach = Math.sqrt(Math.max(limit / FLATTEST - 1, 0) / 2); // sharpness 4 (1 + 2 v^2) on the minima
      const branches = hyperbola(1, reach);
      stable.forEach((line, i) => (reach > 0 ? line(branches[i]) : line()));
      jumps(path);
      specks.forEach((speck, k) => (k + 1 < path.length ? speck(...path[k + 1]) : speck()));
      if (path.length > STEPS && settledAt(path) < STEPS) last(...path.at(-1));
      else last();
      if (flow[0] === 0) target();
      else target(...flow);
    };

    const drawTrace = (path, limit) => {
      const sharpness = path.map((point, k) => [k, scalarSharpness(point)]);
      sides.forEach((side, odd) => side(sharpness.filter(([k]) => k % 2 === odd)));
      limitLine([[0, limit], [STEPS, limit]]);
    };

    return () => {
      const [from, limit] = [[start.x, start.y], 2 / size.value];
      const [path, flow] = [trainScalar(from, size.value, STEPS), scalarFlow(from)];
      drawPlane(path, limit, flow);
      drawTrace(path, limit);
      ui.say(
        `From ${place(from)} with ${format(size.value)}, limit 2/η = ${three(limit)}. ` +
          `${flowSays(flow, limit)} ${descentSays(path, limit)}`,
      );
    };
  });
}
