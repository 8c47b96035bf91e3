// needs descent.js optimizers.js labelled_points.js direct_labels.js
// The race: optimizers on the same points, and the three max margins that their directions go to.
"use strict";
{
  const { cross, dot, norm, signed, tidy, clamp, latest, maxMargin, spread, nameLines } = ibnotes;
  const { logSpaced, descend, gradientDescent, steepestDescent, adam } = ibnotes;

  const POINTS = [[0.7, 0.6, 1], [-0.7, -0.3, -1], [2.5, 0.7, 1], [-2.6, 1.7, -1], [2.6, -1.5, 1], [-1.2, -1.1, -1]];
  const NORMS = { ℓ1: 1, ℓ2: 2, "ℓ∞": Infinity };
  const [STEPS, RECORDS, SIZE] = [2000, 80, 0.2];
  const COUNTS = logSpaced(STEPS, RECORDS).slice(1); // zero has no direction
  const DECAY = (k) => 1 / Math.sqrt(k);
  const CONSTANT = () => 1;
  const EPSILONS = [-200, -16, -12, -10, -8, -6, -5, -4, -3, -2, -1, 0]; // powers of ten
  const LOG = { to: Math.log, from: Math.exp };
  const EARLIER = 20; // records before the last one, at the start
  const ROOM = 25; // for the names, beyond the last step
  const FAR = 10; // longer than the plane is wide
  const NARROW = 40; // degrees that the second plot shows at least
  const [ALL, ONE] = ["all", "one"];

  // colour, schedule, the optimizer for a momentum and an epsilon, its norms (Adam has two in turn)
  const RACERS = {
    coordinate: ["red", DECAY, (beta) => steepestDescent(SIZE, 1, beta), ["ℓ1"]],
    normalized: ["ochre", DECAY, (beta) => steepestDescent(SIZE, 2, beta), ["ℓ2"]],
    descent: ["black", CONSTANT, (beta) => gradientDescent((SIZE / 2) * (1 - beta), beta), ["ℓ2"]],
    sign: ["green", DECAY, (beta) => steepestDescent(SIZE, Infinity, beta), ["ℓ∞"]],
    Adam: ["purple", DECAY, (_, eps) => adam({ lr: SIZE, betas: [0.9, 0.95], eps }), ["ℓ∞", "ℓ2"]],
  };
  const NAMES = Object.keys(RACERS);
  const [HANDING, SWAYED] = [["descent", "sign", "Adam"], ["normalized", "descent", "sign", "Adam"]];
  const ROWS = NAMES.flatMap((name) => RACERS[name][3].map((p) => [name, p])); // of the strip, from above

  const degrees = (from, to) => (Math.atan2(cross(from, to), dot(from, to)) * 180) / Math.PI;
  const across = ([x, y]) => [-y, x];
  const upwards = ([x, y]) => (y < 0 ? [-x, -y] : [x, y]);
  const lineOf = (w) => [-FAR, FAR].map((r) => across(w).map((entry) => (r * entry) / norm(w)));
  const outward = (degree) => (degree < 0 ? Math.floor(degree / 10) : Math.ceil(degree / 10)) * 10;
  const percent = (share) => (share > 0 ? `${tidy(Number((100 * share).toPrecision(3)))}%` : "none");

  ibnotes.explorable("levers", (ui) => {
    const plane = ui.plot({
      label: "The points, the lines along which the optimizers part the classes, and those of the three max margins",
      x: { domain: [-3, 3], label: "x₁" },
      y: { domain: [-3, 3], label: "x₂" },
      equal: true,
    });
    const trace = ui.plot({
      label: "The angle between each optimizer's weights and the ℓ2 max margin, against steps",
      x: { domain: [0.7, ROOM * STEPS], label: "steps", scale: LOG, ticks: [1, 10, 100, 1000] },
      y: { domain: [-70, 30], label: "angle from the ℓ2 max margin (degrees)" },
      height: 190,
    });
    const strip = ui.plot({
      label: "Each optimizer's margin in its own norm, as a share of the largest",
      x: { domain: [-0.8, 1.35], label: "", ticks: [0, 0.5, 1] },
      y: { domain: [-0.6, ROWS.length - 0.4], label: "margin in its own norm / max margin of that norm", ticks: [] },
      height: 160,
    });
    const each = (make) => Object.fromEntries(NAMES.map((name) => [name, make(RACERS[name][0])]));
    const theory = Object.keys(NORMS).map((name) => ({
      name,
      line: plane.line("theory"),
      label: plane.text("middle"),
      level: trace.line("theory"),
      words: trace.text(),
    }));
    const thins = each((colour) => trace.line(`${colour} thin`));
    const [lines, curves, dots] = [each(plane.line), each(trace.line), each(trace.dot)];
    const [labels, ends] = [each((own) => plane.text("middle", own)), each((own) => trace.text("start", own))];
    const failures = each((own) => trace.text("end", own));
    const whole = strip.line("theory");
    const rows = ROWS.map(([name, p], i) => {
      const [colour] = RACERS[name];
      const [label, bar, dot] = [strip.text("start", colour), strip.line(colour), strip.dot(colour)];
      return { name, p, up: ROWS.length - 1 - i, label, bar, dot, words: strip.text("start", colour) };
    });
    const run = Object.fromEntries(
      Object.entries(RACERS).map(([name, [, schedule, make]]) => {
        const options = { records: RECORDS, schedule };
        const train = (X, y, beta, eps, inTurn) => {
          const { w, diverged } = descend(X, y, make(beta, eps), STEPS, { ...options, inTurn });
          return { w: w.slice(1).filter((_, k) => !(COUNTS[k] >= (diverged ?? Infinity))), diverged };
        };
        return [name, [0, 1].map(() => latest(train))]; // one for the thin curve
      }),
    );
    const { labels: y, names, X: points } = ibnotes.labelledPoints(ui, plane, POINTS);

    const marks = NAMES.map((name) => [name, `line ${RACERS[name][0]}`]);
    const racing = ui.boxes({ label: "Who runs", options: marks, ticked: NAMES });
    const format = (k) => `${COUNTS[k]} step${k > 0 ? "s" : ""}`;
    const last = COUNTS.length - 1;
    const time = ui.slider({ label: "Steps", min: 0, max: last, step: 1, value: last - EARLIER, format });
    ui.play(time);
    const written = (i) => (i === 0 ? "ε\u00a0≈\u00a00" : `ε\u00a0=\u00a0${tidy(10 ** EPSILONS[i])}`);
    const largest = EPSILONS.length - 1;
    const small = ui.slider({ label: "Adam's ε", min: 0, max: largest, step: 1, value: 0, format: written });
    const batch = ui.choice({ label: "Points a step", options: [ALL, ONE], value: ALL });
    const momentum = ui.choice({ label: "Momentum", options: ["0", "0.9"], value: "0" });

    ui.tries([
      [
        "Adam hands over",
        () => [(racing.value = HANDING), (small.value = EPSILONS.indexOf(-3)), (time.value = last)],
        "Adam goes with the signs until its gradients are below ε, then turns to ℓ2: of its rows one falls, one rises.",
      ],
      [
        "batch of one",
        () => [(racing.value = SWAYED), (batch.value = ONE), (time.value = last)],
        "Thin curves see all points. Plain descent does not notice, and Adam, which averages, is but late; sign and " +
          "normalized end elsewhere. Set momentum: it averages, too, and takes them back.",
      ],
      [
        "momentum",
        () => [(momentum.value = "0.9"), (time.value = last)],
        "Thin curves have none. The starts differ, the ends do not: momentum moves the clock. (Adam has it always.)",
      ],
    ]);

    const clear = () => {
      for (const { line, label, level, words } of theory) for (const mark of [line, label, level, words]) mark();
      for (const kind of [thins, lines, curves, dots, labels, ends, failures]) for (const name of NAMES) kind[name]();
      for (const { label, bar, dot, words } of rows) for (const mark of [label, bar, dot, words]) mark();
      whole();
    };

    const drawPlane = (X, now, best) => {
      const parting = theory.map(({ name, line, label }) => [line, label, name, best[name].w]);
      for (const [name, w] of Object.entries(now)) parting.push([lines[name], labels[name], name, w]);
      for (const [line, , , w] of parting) line(lineOf(w));
      const ends = parting.map(([, label, name, w]) => [label, name, upwards(across(w))]);
      nameLines(plane, ends, X);
    };

    const drawTrace = (turns, thin, levels, broken) => {
      const all = [levels, ...Object.values(turns), ...Object.values(thin)].flat();
      const [low, high] = [Math.min(...all), Math.max(...all)];
      const rim = Math.max((NARROW - (high - low)) / 2, (high - low) / 15); // for half a dot at least
      trace.setDomain({ y: [outward(low - rim), outward(high + rim)] });
      const { y: { domain }, pixel: [, unit] } = trace;
      const inside = [domain[0] + unit, domain[1] - 12 * unit];
      const placed = spread(levels.map((turn) => turn + 2 * unit), 14 * unit, inside);
      theory.forEach(({ name, level, words }, i) => {
        level([[1, levels[i]], [STEPS, levels[i]]]);
        words(name, 0.75, placed[i]);
      });
      const racers = Object.keys(turns);
      const heights = spread(racers.map((name) => turns[name].at(-1) - 4 * unit), 14 * unit, inside);
      const curve = (own) => own.map((turn, k) => [COUNTS[k], turn]);
      racers.forEach((name, i) => {
        curves[name](curve(turns[name]));
        if (name in thin) thins[name](curve(thin[name]));
        if (time.value < turns[name].length) dots[name](COUNTS[time.value], turns[name][time.value]);
        if (name in broken) failures[name](`${name} ${broken[name]}`, 0.9 * ROOM * STEPS, heights[i]);
        else ends[name](name, 1.25 * STEPS, heights[i]);
      });
    };

    const drawStrip = (shares, broken) => {
      whole([[1, -1], [1, ROWS.length]]);
      rows.forEach(({ name, p, up, label, bar, dot, words }, i) => {
        if (!(i in shares || name in broken)) return;
        label(`${name} ${p}`, -0.78, up - 0.2);
        if (!(i in shares)) return words(broken[name], 0.02, up - 0.2);
        const end = clamp(shares[i], [0, 1]);
        bar([[0, up], [end, up]]);
        dot(end, up);
        words(percent(shares[i]), 1.06, up - 0.2);
      });
    };

    const sentence = (shares, broken) => {
      const one = batch.value === ONE ? ["one point a step"] : [];
      const how = [...one, ...(momentum.value > 0 ? ["momentum 0.9"] : [])];
      const told = rows.flatMap(({ name, p }, i) => {
        if (i in shares) return [`${name} ${percent(shares[i])} of ${p}`];
        return name in broken ? [`${name} ${broken[name]}`] : [];
      });
      const eps = racing.value.includes("Adam") ? ` Adam's ${written(small.value)}.` : "";
      return (
        `Share of the max margin ${[`after ${format(time.value)}`, ...how].join(", ")}: ` +
        `${told.join(", ") || "nobody runs"}.${eps}`
      );
    };

    /** [name, {w, diverged}] of who runs; in the thin curves with all points and without momentum. */
    const race = (thin, X) => {
      const eps = 10 ** EPSILONS[small.value];
      const [beta, inTurn] = thin ? [0, false] : [Number(momentum.value), batch.value === ONE];
      const given = (name) => (name === "Adam" ? [0, eps, inTurn] : [beta, null, inTurn]); // what moves its run
      return racing.value.map((name) => [name, run[name][thin](X, y, ...given(name))]);
    };

    const draw = () => {
      clear();
      const X = points();
      const Z = signed(X, y);
      const best = Object.fromEntries(Object.entries(NORMS).map(([name, p]) => [name, maxMargin(X, y, p)]));
      const turn = (w) => degrees(best.ℓ2.w, w);
      const turns = (runs) => Object.fromEntries(runs.map(([name, { w }]) => [name, w.map(turn)]));
      const racers = race(0, X);
      const thin = batch.value === ONE || momentum.value > 0 ? race(1, X) : [];
      const going = racers.filter(([, { w }]) => time.value < w.length);
      const now = Object.fromEntries(going.map(([name, { w }]) => [name, w[time.value]]));
      const failed = racers.filter(([, { diverged }]) => diverged !== null);
      const broken = Object.fromEntries(failed.map(([name, { diverged }]) => [name, `diverged at step ${diverged}`]));
      const share = (w, p) => Math.min(...Z.map((z) => dot(z, w))) / norm(w, NORMS[p]) / best[p].margin;
      const shares = Object.fromEntries(
        ROWS.flatMap(([name, p], i) => (name in now ? [[i, share(now[name], p)]] : [])),
      );
      drawPlane(X, now, best);
      drawTrace(turns(racers), turns(thin), theory.map(({ name }) => turn(best[name].w)), broken);
      drawStrip(shares, broken);
      ui.say(sentence(shares, broken));
    };

    return ibnotes.whereSeparable(ui, names, draw, clear, trace);
  });
}
