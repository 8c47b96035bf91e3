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
  const LOG = { to: Math.log, from: Math.exp };
  const EARLIER = 20; // records before the last one, at the start
  const FRAME = [2.6, 2.1]; // where a ray of the plane ends and its name begins
  const APART = 8; // degrees between two names, that they do not cover each other
  const ROOM = 2; // for the names, beyond the last step

  // colour, length of its arrow, options of its run, the optimizer for an epsilon
  const RUNS = {
    "coordinate descent": ["orange", 2, DECAY, () => steepestDescent(SIZE, 1)],
    "normalized GD": ["blue", 2, DECAY, () => steepestDescent(SIZE, 2)],
    "GD": ["ochre", 1.6, CONSTANT, () => gradientDescent(SIZE / 2)],
    "sign descent": ["green", 2, DECAY, () => steepestDescent(SIZE, Infinity)],
    "Adam": ["purple", 1.6, DECAY, (eps) => adam({ lr: SIZE, betas: [0.9, 0.95], eps })],
  };
  const NAMES = Object.keys(RUNS);

  const along = (w, length) => w.map((entry) => (length * entry) / norm(w));
  const degrees = (from, to) => (Math.atan2(cross(from, to), dot(from, to)) * 180) / Math.PI;
  const turned = ([x, y], angle) => {
    const [c, s] = [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)];
    return [c * x - s * y, s * x + c * y];
  };
  const toFrame = (w) => w.map((entry) => entry / norm(w.map((own, j) => own / FRAME[j]), Infinity));
  /** Three angles, the outer two moved away from the middle one until all are apart. */
  const spread = (turns) => {
    const [low, middle, high] = [0, 1, 2].sort((i, j) => turns[i] - turns[j]);
    const places = turns.slice();
    places[low] = Math.min(turns[low], turns[middle] - APART);
    places[high] = Math.max(turns[high], turns[middle] + APART);
    return places;
  };

  ibnotes.explorable("levers", (ui) => {
    const plane = ui.plot({
      label: "The points, the directions of five optimizers, and three max margins",
      x: { domain: [-3, 3], label: "x₁" },
      y: { domain: [-2.5, 2.5], label: "x₂" },
      equal: true,
    });
    const trace = ui.plot({
      label: "The angle between each optimizer's weights and the ℓ2 max margin, against steps",
      x: { domain: [1, ROOM * STEPS], label: "steps", scale: LOG, ticks: [1, 10, 100, 1000] },
      y: { domain: [-75, 45], label: "angle from the ℓ2 max margin (degrees)", ticks: [-60, -30, 0, 30] },
      height: plane.height,
    });
    const each = (make) => Object.fromEntries(NAMES.map((name) => [name, make(RUNS[name][0])]));
    const theory = Object.keys(NORMS).map((name) => ({
      name,
      ray: plane.line("theory"),
      label: plane.text("middle"),
      level: trace.line("theory"),
      words: trace.text(),
    }));
    const [arrows, curves, dots] = [each(plane.arrow), each(trace.line), each(trace.dot)];
    const train = (X, y, make, options, eps) => descend(X, y, make(eps), STEPS, options).w.slice(1);
    const run = Object.fromEntries(
      Object.entries(RUNS).map(([name, [, , options, make]]) => [
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
    const written = (i) => (i === 0 ? "ε\u00a0≈\u00a00" : `ε\u00a0=\u00a0${tidy(10 ** EPSILONS[i])}`);
    const largest = EPSILONS.length - 1;
    const small = ui.slider({ label: "Adam's ε", min: 0, max: largest, step: 1, value: 0, format: written });

    ui.tries([
      [
        "let Adam hand over",
        () => [(small.value = EPSILONS.indexOf(-3)), (time.value = last)],
        "The purple curve follows the signs at first and leaves them for ℓ2 once the gradients are below ε.",
      ],
      [
        "look early",
        () => (time.value = 8),
        "Coordinate descent is there already; the other four are still on their way.",
      ],
      ["to the end", () => (time.value = last), "Three answers on the same points: nothing but the optimizer differs."],
    ]);

    const drawTheory = (best) => {
      const turns = theory.map(({ name }) => degrees(best.ℓ2.w, best[name].w));
      const places = spread(turns);
      theory.forEach(({ name, ray, label, level, words }, i) => {
        ray([[0, 0], toFrame(best[name].w)]);
        const [x, y] = toFrame(turned(best.ℓ2.w, places[i]));
        label(name, 1.1 * x, 1.1 * y - 0.1);
        level([[1, turns[i]], [STEPS, turns[i]]]);
        words(name, 1.15 * STEPS, places[i] - 2.5);
      });
    };

    const drawRuns = (runs, { w }) => {
      for (const name of NAMES) {
        const turns = runs[name].map((own, k) => [COUNTS[k], degrees(w, own)]);
        arrows[name]([0, 0], along(runs[name][time.value], RUNS[name][1]));
        curves[name](turns);
        dots[name](...turns[time.value]);
      }
    };

    const clear = () => {
      for (const { ray, label, level, words } of theory) for (const mark of [ray, label, level, words]) mark();
      for (const marks of [arrows, curves, dots]) for (const name of NAMES) marks[name]();
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
