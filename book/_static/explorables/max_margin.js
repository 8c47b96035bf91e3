// needs logistic.js labelled_points.js
// Where the direction of gradient flow goes, and the max margins it could have gone to.
"use strict";
{
  const { cross, dot, norm, tidy, maxMargin, logisticFlow, logisticResidual, gradientShares } = ibnotes;
  const { signed, convexHull, logisticMinimizer, labelledPoints, whereSeparable } = ibnotes;

  // x₁, x₂, label
  const POINTS = [[1.3, 1.1, 1], [-2, 1.2, -1], [3.6, -2, 1], [-5, 2, -1], [5, -3, 1], [-4, 0.6, -1]];
  const NORMS = { ℓ1: 1, ℓ2: 2, "ℓ∞": Infinity };
  const LOG_TIME = { to: Math.asinh, from: Math.sinh }; // linear near zero, logarithmic far out
  const DEGREES = { to: Math.log, from: Math.exp };
  const [EARLY, LATE, COUNT] = [-2, 1000, 140];
  const between = (k) => LOG_TIME.to(EARLY) + (k / (COUNT - 1)) * (LOG_TIME.to(LATE) - LOG_TIME.to(EARLY));
  const LOG_TIMES = Array.from({ length: COUNT }, (_, k) => LOG_TIME.from(between(k)));
  const START = LOG_TIMES.findIndex((s) => s > 2);
  const WHOLE = 24; // pixels: radius of a point that has all of the gradient
  const GUESS = [0, 3]; // where one's own arrow begins
  const FAR = 20; // longer than the plane is wide

  const degrees = (from, to) => (Math.atan2(cross(from, to), dot(from, to)) * 180) / Math.PI;
  const along = (w, length) => w.map((entry) => (length * entry) / norm(w));
  const across = (w) => [-w[1], w[0]];
  const lineOf = (w, shift = [0, 0]) => [-FAR, FAR].map((r) => along(across(w), r).map((entry, j) => entry + shift[j]));
  const logTime = (s) => tidy(Number(s.toPrecision(3)));

  ibnotes.explorable("max_margin", (ui) => {
    const plane = ui.plot({
      label: "The points and the lines that separate them",
      x: { domain: [-6, 6], label: "x₁" },
      y: { domain: [-4, 4], label: "x₂" },
      equal: true,
    });
    const trace = ui.plot({
      label: "The angle between gradient flow and the max margin, against log t",
      x: { domain: [EARLY, LATE], label: "log t", scale: LOG_TIME, ticks: [-1, 0, 1, 10, 100, 1000] },
      y: { domain: [0.01, 100], label: "angle (degrees)", scale: DEGREES, ticks: [0.01, 0.1, 1, 10, 100] },
      height: plane.height,
    });
    const hull = plane.area("orange");
    const pulls = POINTS.map(() => plane.bubble("purple"));
    const band = plane.area("theory");
    const best = plane.line("theory");
    const bestArrow = plane.arrow("grey");
    const flowLine = plane.line("green");
    const flowArrow = plane.arrow("green");
    const rings = POINTS.map(() => plane.ring());
    const angles = trace.line("green");
    const predicted = trace.line("theory");
    const now = trace.dot("green");
    const answer = [band, best, bestArrow, ...rings, angles, predicted, now]; // hidden from who guesses

    const { handles, labels, names, X: points } = labelledPoints(ui, plane, POINTS);

    ui.key([
      ["line green", "gradient flow"],
      ["line theory", "max margin, theory"],
      ["area theory", "margin"],
      ["ring theory", "support vector"],
      ["area purple", "share of the gradient"],
    ]);
    const format = (k) => `log t = ${logTime(LOG_TIMES[k])}`;
    const time = ui.slider({ label: "Time", min: 0, max: COUNT - 1, step: 1, value: START, format });
    ui.play(time);
    const choice = ui.choice({ label: "Max margin in", options: Object.keys(NORMS), value: "ℓ2" });

    let guess = null; // its handle; in the plane from the question to the next reset
    const asked = () => guess !== null && guess.node.isConnected;
    const ask = () => {
      const allowed = (place) => (norm(place) > 0 ? along(place, norm(GUESS)) : GUESS);
      const options = { label: "your guess", x: GUESS[0], y: GUESS[1], colour: "purple", allowed };
      guess ??= ui.handle(plane, options);
      guess.put(...GUESS);
      guess.reset = () => guess.node.remove();
      plane.handles.append(guess.node);
      time.value = 0;
    };
    ui.tries([
      ["guess first", ask, "Turn the purple dot to where the green arrow will end, then press Play."],
      [
        "another norm",
        () => [(choice.value = "ℓ1"), (time.value = COUNT - 1)],
        "The grey line is now the ℓ1 max margin; the angle to it levels off, as the flow goes elsewhere.",
      ],
      [
        "a point far off",
        () => [handles[4].put(6, -4), (time.value = COUNT - 1)],
        "A point that is no support vector may go anywhere: the end of the curve stays where it was.",
      ],
    ]);

    const clear = () => {
      for (const mark of [...answer, ...pulls, hull, flowLine, flowArrow]) mark();
    };

    const drawFlow = (flow, shares) => {
      shares.forEach((share, i) => pulls[i](handles[i].x, handles[i].y, WHOLE * Math.sqrt(share)));
      flowLine(lineOf(flow));
      flowArrow([0, 0], along(flow, 3));
    };

    const drawBest = ({ w, support }) => {
      const shift = along(w, 1 / norm(w));
      band([...lineOf(w, shift), ...lineOf(w, shift.map((entry) => -entry)).reverse()]);
      best(lineOf(w));
      bestArrow([0, 0], along(w, 3));
      rings.forEach((ring, i) => (support.includes(i) ? ring(handles[i].x, handles[i].y) : ring()));
    };

    const drawTrace = (turns, theory) => {
      const point = (turn, k) => [LOG_TIMES[k], Math.max(Math.abs(turn), 1e-3)]; // zero has no logarithm
      angles(turns.map(point));
      predicted(theory.map(point).filter(([, size]) => size >= 0));
      now(...point(turns[time.value], time.value));
    };

    /** Angles of ŵ log t + w̃ from w, as soon as the first term is the larger one; NaN before. */
    const predict = (w, X) => {
      const [svm, rest] = [maxMargin(X, labels).w, logisticResidual(X, labels) ?? [NaN, NaN]];
      const at = (s) => degrees(w, svm.map((entry, j) => entry * s + rest[j]));
      return { end: degrees(w, svm), theory: LOG_TIMES.map((s) => (s * norm(svm) > norm(rest) ? at(s) : NaN)) };
    };

    const angle = (turn) => `${tidy(Number(Math.abs(turn).toPrecision(2)))}°`;

    const fate = (end) => {
      if (choice.value === "ℓ2") return "";
      if (Math.abs(end) < 1e-6) return ", here the same as the ℓ2 one";
      return ` and will end ${angle(end)} from it, at the ℓ2 one`;
    };

    const fromGuess = (flow) => angle(degrees([guess.x, guess.y], flow));

    const sentence = (turn, theory, end, { margin, support }, shares) => {
      const carried = 100 * support.reduce((sum, i) => sum + shares[i], 0);
      const said = Number.isNaN(theory) ? "" : ` (theory ${angle(theory)})`;
      const which = support.map((i) => names[i]).join(", ");
      return (
        `At log t = ${logTime(LOG_TIMES[time.value])} gradient flow is ${angle(turn)}${said} from the ` +
        `${choice.value} max margin${fate(end)}. Margin ${margin.toFixed(2)}, support vectors: ${which}, ` +
        `with ${tidy(Number(carried.toPrecision(3)))}% of the gradient.`
      );
    };

    const draw = () => {
      const X = points();
      const chosen = maxMargin(X, labels, NORMS[choice.value]);
      const flow = logisticFlow(X, labels, LOG_TIMES);
      const turns = flow.map((w) => degrees(chosen.w, w));
      const { end, theory } = predict(chosen.w, X);
      const current = flow[time.value];
      const shares = gradientShares(X, labels, current);
      hull();
      drawFlow(current, shares);
      if (asked() && time.value < COUNT - 1) {
        for (const mark of answer) mark();
        ui.say(`At log t = ${logTime(LOG_TIMES[time.value])} gradient flow is ${fromGuess(current)} from your guess.`);
        return;
      }
      drawBest(chosen);
      drawTrace(turns, theory);
      const judged = asked() ? ` Your guess was ${fromGuess(current)} off.` : "";
      ui.say(sentence(turns[time.value], theory[time.value], end, chosen, shares) + judged);
    };

    /** Where classes overlap, the points times their labels surround the origin, and the loss has a minimizer. */
    const overlap = () => {
      const X = points();
      hull(convexHull(signed(X, labels)));
      const w = logisticMinimizer(X, labels);
      if (w === null || norm(w) < 1e-9) return "";
      drawFlow(w, gradientShares(X, labels, w));
      const place = w.map((entry) => tidy(Number(entry.toPrecision(3)))).join(", ");
      return ` The points times their labels surround the origin (orange), and gradient flow ends at (${place}).`;
    };

    return whereSeparable(ui, names, draw, clear, trace, overlap);
  });
}
