// needs descent.js optimizers.js labelled_points.js
// Five optimizers on the same points, and the three max margins that their directions go to.
"use strict";
{
  const { cross, dot, norm, signed, tidy, latest, maxMargin } = ibnotes;
  const { logSpaced, descend, gradientDescent, steepestDescent, adam } = ibnotes;

  const POINTS = [[0.7, 0.6, 1], [-0.7, -0.3, -1], [2.5, 0.7, 1], [-2.6, 1.7, -1], [2.6, -1.5, 1], [-1.2, -1.1, -1]];
  const NORMS = { ℓ1: 1, ℓ2: 2, "ℓ∞": Infinity };
  const [STEPS, RECORDS, SIZE] = [2000, 80, 0.2];
  const COUNTS = logSpaced(STEPS, RECORDS).slice(1); // zero has no direction
  const DECAY = { records: RECORDS, schedule: (k) => 1 / Math.sqrt(k) };
  const CONSTANT = { records: RECORDS };
  const EPSILONS = [-200, -16, -12, -10, -8, -6, -5, -4, -3, -2, -1, 0]; // powers of ten
  const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻";
  const LOG = { to: Math.log, from: Math.exp };
  const EARLIER = 20; // records before the last one, at the start
  const FAR = 9;

  // colour, length of its arrow, where its curve bears its name, options of its run, the optimizer for an epsilon
  const RUNS = {
    "coordinate descent": ["orange", 2, [40, -9], DECAY, () => steepestDescent(SIZE, 1)],
    "normalized GD": ["blue", 2, [50, -2], DECAY, () => steepestDescent(SIZE, 2)],
    "GD": ["ochre", 1.6, [150, -10], CONSTANT, () => gradientDescent(SIZE / 2)],
    "sign descent": ["green", 2, [50, 6], DECAY, () => steepestDescent(SIZE, Infinity)],
    "Adam": ["purple", 1.6, [3, -8], DECAY, (eps) => adam({ lr: SIZE, betas: [0.9, 0.95], eps })],
  };
  const NAMES = Object.keys(RUNS);

  const along = (w, length) => w.map((entry) => (length * entry) / norm(w));
  const degrees = (from, to) => (Math.atan2(cross(from, to), dot(from, to)) * 180) / Math.PI;
  const raised = (k) => Array.from(String(k), (sign) => SUPERSCRIPTS["0123456789-".indexOf(sign)]).join("");

  ibnotes.explorable("levers", (ui) => {
    const plane = ui.plot({
      label: "The points, the directions of five optimizers, and three max margins",
      x: { domain: [-3, 3], label: "x₁" },
      y: { domain: [-2.5, 2.5], label: "x₂" },
      equal: true,
    });
    const trace = ui.plot({
      label: "The angle between each optimizer's weights and the ℓ2 max margin, against steps",
      x: { domain: [1, STEPS], label: "steps", scale: LOG, ticks: [1, 10, 100, 1000] },
      y: { domain: [-75, 45], label: "angle from the ℓ2 max margin (degrees)", ticks: [-60, -30, 0, 30] },
      height: plane.height,
    });
    const each = (make) => Object.fromEntries(NAMES.map((name) => [name, make(RUNS[name][0])]));
    const theory = Object.keys(NORMS).map((name, i) => ({
      name,
      place: 2.8 - 0.3 * i, // of its name, in both plots: names never cover each other
      start: 1.15 * 1.6 ** i,
      ray: plane.line("theory"),
      label: plane.text("middle"),
      level: trace.line("theory"),
      words: trace.text(),
    }));
    const [arrows, curves, dots] = [each(plane.arrow), each(trace.line), each(trace.dot)];
    const words = each(() => trace.text("middle"));
    const train = (X, y, make, options, eps) => descend(X, y, make(eps), STEPS, options).w.slice(1);
    const run = Object.fromEntries(
      Object.entries(RUNS).map(([name, [, , , options, make]]) => [
        name,
        latest((X, y, eps) => train(X, y, make, options, eps)),
      ]),
    );
    const { labels, names, X: points } = ibnotes.labelledPoints(ui, plane, POINTS, ["grey", "grey"]);

    ui.key([...NAMES.map((name) => [`line ${RUNS[name][0]}`, name]), ["line theory", "max margins, theory"]]);
    const format = (k) => `${COUNTS[k]} step${k > 0 ? "s" : ""}`;
    const last = COUNTS.length - 1;
    const time = ui.slider({ label: "Steps", min: 0, max: last, step: 1, value: last - EARLIER, format });
    ui.play(time);
    const written = (i) => `ε\u00a0=\u00a010${raised(EPSILONS[i])}`;
    const largest = EPSILONS.length - 1;
    const small = ui.slider({ label: "Adam's ε", min: 0, max: largest, step: 1, value: 0, format: written });

    const drawTheory = (best) => {
      for (const { name, place, start, ray, label, level, words } of theory) {
        const { w } = best[name];
        const turn = degrees(best.ℓ2.w, w);
        ray([[0, 0], along(w, FAR)]);
        label(name, ...along(w, place * Math.min(1, (0.8 * norm(w)) / Math.abs(w[1])))); // inside the frame
        level([[1, turn], [STEPS, turn]]);
        words(name, start, turn + 2);
      }
    };

    const drawRuns = (runs, { w }) => {
      for (const name of NAMES) {
        const turns = runs[name].map((own, k) => [COUNTS[k], degrees(w, own)]);
        const [, length, [place, above]] = RUNS[name];
        arrows[name]([0, 0], along(runs[name][time.value], length));
        curves[name](turns);
        dots[name](...turns[time.value]);
        const [count, turn] = turns.find(([count]) => count >= place);
        words[name](name, count, turn + above);
      }
    };

    const clear = () => {
      for (const { ray, label, level, words } of theory) for (const mark of [ray, label, level, words]) mark();
      for (const marks of [arrows, curves, dots, words]) for (const name of NAMES) marks[name]();
    };

    const sentence = (runs, best, Z) => {
      const share = (name, p) => {
        const w = runs[name][time.value];
        const margin = Math.min(...Z.map((z) => dot(z, w))) / norm(w, NORMS[p]);
        return `${tidy(Number(((100 * margin) / best[p].margin).toPrecision(3)))}%`;
      };
      return (
        `After ${format(time.value)}: coordinate descent has ${share("coordinate descent", "ℓ1")} of the ℓ1 max ` +
        `margin, GD ${share("GD", "ℓ2")} and normalized GD ${share("normalized GD", "ℓ2")} of the ℓ2 one, sign ` +
        `descent ${share("sign descent", "ℓ∞")} of the ℓ∞ one. Adam with ${written(small.value)} has ` +
        `${share("Adam", "ℓ∞")} of the ℓ∞ and ${share("Adam", "ℓ2")} of the ℓ2 one.`
      );
    };

    const draw = () => {
      const X = points();
      const best = Object.fromEntries(Object.entries(NORMS).map(([name, p]) => [name, maxMargin(X, labels, p)]));
      const runs = {};
      for (const name of NAMES) runs[name] = run[name](X, labels, name === "Adam" ? 10 ** EPSILONS[small.value] : null);
      drawTheory(best);
      drawRuns(runs, best.ℓ2);
      ui.say(sentence(runs, best, signed(X, labels)));
    };

    return ibnotes.whereSeparable(ui, names, draw, clear, trace);
  });
}
