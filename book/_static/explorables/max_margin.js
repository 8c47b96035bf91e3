// needs logistic.js widgets.js
// Where the direction of gradient flow goes, and the max margins it could have gone to.
"use strict";
{
  const { cross, dot, norm, tidy, maxMargin, logisticFlow, logisticResidual, NotSeparable } = ibnotes;

  // the chapter's five points, with their labels
  const POINTS = [[1, 0.3, 1], [0.5, -1.2, -1], [4, -0.3, 1], [-5, -0.5, -1], [3.5, -0.1, 1]];
  const NORMS = { ℓ1: 1, ℓ2: 2, "ℓ∞": Infinity };
  const LOG_TIME = { to: Math.asinh, from: Math.sinh }; // linear near zero, logarithmic far out
  const DEGREES = { to: Math.log, from: Math.exp };
  const [EARLY, LATE, COUNT] = [-2, 1000, 140];
  const PREDICTABLE = 2; // "large t" begins at this log t
  const between = (k) => LOG_TIME.to(EARLY) + (k / (COUNT - 1)) * (LOG_TIME.to(LATE) - LOG_TIME.to(EARLY));
  const LOG_TIMES = Array.from({ length: COUNT }, (_, k) => LOG_TIME.from(between(k)));
  const START = LOG_TIMES.findIndex((s) => s > PREDICTABLE);
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
    const band = plane.area("theory");
    const best = plane.line("theory");
    const bestArrow = plane.arrow("grey");
    const flowLine = plane.line("green");
    const flowArrow = plane.arrow("green");
    const rings = POINTS.map(() => plane.ring());
    const angles = trace.line("green");
    const predicted = trace.line("theory");
    const now = trace.dot("green");

    const labels = POINTS.map(([, , label]) => label);
    const [disc, square] = [{ shape: "disc", colour: "blue" }, { shape: "square", colour: "orange" }];
    const looks = labels.map((y) => (y > 0 ? disc : square));
    const rank = (i) => labels.slice(0, i + 1).filter((y) => y === labels[i]).length;
    const names = looks.map(({ shape }, i) => `${shape} ${rank(i)}`);
    const points = POINTS.map(([x, y], i) => ui.handle(plane, { label: names[i], x, y, ...looks[i] }));

    ui.key([
      ["line green", "gradient flow"],
      ["line theory", "max margin, theory"],
      ["area theory", "margin"],
      ["ring theory", "support vector"],
    ]);
    const format = (k) => `log t = ${logTime(LOG_TIMES[k])}`;
    const time = ui.slider({ label: "Time", min: 0, max: COUNT - 1, step: 1, value: START, format });
    ui.play(time);
    const choice = ui.choice({ label: "Max margin in", options: Object.keys(NORMS), value: "ℓ2" });

    const clear = () => {
      for (const mark of [band, best, bestArrow, flowLine, flowArrow, ...rings, angles, predicted, now]) mark();
    };

    const drawPlane = ({ w, support }, flow) => {
      const shift = along(w, 1 / norm(w));
      band([...lineOf(w, shift), ...lineOf(w, shift.map((entry) => -entry)).reverse()]);
      best(lineOf(w));
      bestArrow([0, 0], along(w, 3));
      flowLine(lineOf(flow));
      flowArrow([0, 0], along(flow, 3));
      rings.forEach((ring, i) => (support.includes(i) ? ring(points[i].x, points[i].y) : ring()));
    };

    const drawTrace = (turns, limit) => {
      const size = (turn) => Math.max(Math.abs(turn), 1e-3); // zero has no logarithm
      const late = LOG_TIMES.filter((s) => s >= PREDICTABLE);
      angles(turns.map((turn, k) => [LOG_TIMES[k], size(turn)]));
      predicted(late.map((s) => [s, size(limit(s))]));
      now(LOG_TIMES[time.value], size(turns[time.value]));
    };

    const angle = (turn) => `${tidy(Number(Math.abs(turn).toPrecision(2)))}°`;

    const sentence = (s, turn, limit, { margin, support }) => {
      const theory = s >= PREDICTABLE ? `, theory ${angle(limit(s))}` : "";
      const end = `; in the limit ${angle(limit(Infinity))}, for the flow goes to the ℓ2 one`;
      const which = support.map((i) => names[i]).join(", ");
      return (
        `At log t = ${logTime(s)} gradient flow is ${angle(turn)} from the ${choice.value} max margin` +
        `${theory}${choice.value === "ℓ2" ? "" : end}. Margin ${margin.toFixed(2)}, support vectors: ${which}.`
      );
    };

    const draw = () => {
      const X = points.map(({ x, y }) => [x, y]);
      const chosen = maxMargin(X, labels, NORMS[choice.value]);
      const flow = logisticFlow(X, labels, LOG_TIMES);
      const turns = flow.map((w) => degrees(chosen.w, w));
      const [svm, residual] = [maxMargin(X, labels).w, logisticResidual(X, labels) ?? [0, 0]];
      const limit = (s) => degrees(chosen.w, svm.map((entry, j) => entry + residual[j] / s));
      drawPlane(chosen, flow[time.value]);
      drawTrace(turns, limit);
      ui.say(sentence(LOG_TIMES[time.value], turns[time.value], limit, chosen));
    };

    return () => {
      try {
        draw();
      } catch (error) {
        if (!(error instanceof NotSeparable)) throw error;
        clear();
        const culprits = names.filter((_, i) => !(error.certificate[i] <= 0)).join(", ");
        ui.say(`Not separable: every line through the origin has one of ${culprits} on its wrong side, or on itself.`);
      }
    };
  });
}
