// needs entries.js factorization.js singular.js
// A matrix of rank two, the entries that are observed, and what gradient flow on two factors makes of them.
"use strict";
{
  const { norm, tidy, entries, factorizationFlow, singularValues } = ibnotes;

  const M = [[3, 1, 1, 2], [0, 2, 5, 4], [4, 2, 3, 4], [-1, 1, 3, 2]]; // rank two
  const HIDDEN = [[1, 2], [2, 3], [3, 1]];
  const OBSERVED = M.map((row, i) => row.map((_, j) => !HIDDEN.some(([k, l]) => k === i && l === j)));
  const TRUTH = singularValues(M);
  const SIZE = M.flat().length;
  const LARGEST = 5; // of the entries
  const [END, COUNT] = [8, 121];
  const TIMES = Array.from({ length: COUNT }, (_, k) => (k * END) / (COUNT - 1));
  const scaleAt = (k) => 10 ** (-k / 4);

  const rounded = (v) => tidy(Number(v.toFixed(2)));
  const two = (v) => tidy(Number(v.toPrecision(2)));
  const percent = (share) => (share < 1e-6 ? "less than 0.0001 %" : `${two(100 * share)} %`);
  const diagonal = (scale) => M.map((row, i) => row.map((_, j) => (i === j ? scale : 0)));

  /** ||W - M|| / ||M|| on the entries that are observed, or on the others; where M is zero there, ||W - M||. */
  const misfit = (W, mask, observed) => {
    const places = M.flatMap((row, i) => row.flatMap((_, j) => (mask[i][j] === observed ? [[i, j]] : [])));
    return norm(places.map(([i, j]) => W[i][j] - M[i][j])) / (norm(places.map(([i, j]) => M[i][j])) || 1);
  };

  ibnotes.explorable("completion", (ui) => {
    const label = "Entries of the matrix, pressed where observed";
    const matrix = ui.add(entries({ label, mask: OBSERVED, changed: ui.changed }));
    const spectrum = ui.plot({
      label: "Singular values of W against time",
      x: { domain: [0, END + 0.2], label: "time t" },
      y: { domain: [-0.5, 12], label: "singular values of W" },
    });
    const truth = TRUTH.slice(0, 2).map((value) => [spectrum.line("theory"), value]);
    const curves = TRUTH.map((_, k) => spectrum.line(k < 2 ? "blue" : "orange thin"));
    const dots = TRUTH.map((_, k) => spectrum.dot(k < 2 ? "blue" : "orange"));
    ui.key([
      ["line blue", "the two largest"],
      ["line orange thin", "the two smallest"],
      ["line theory", "those of M"],
    ]);
    const scales = { min: 0, max: 24, step: 1, value: 12, format: (k) => `ε = ${two(scaleAt(k))}` };
    const start = ui.slider({ label: "Start", ...scales });
    const times = { min: 0, max: COUNT - 1, step: 1, value: 22, format: (k) => `t = ${rounded(TIMES[k])}` };
    const time = ui.slider({ label: "Time", ...times });
    ui.play(time);

    const hide = (...places) => { for (const [i, j] of places) matrix.mask[i][j] = false; };
    ui.tries([
      [
        "a large start",
        () => [(start.value = 0), (time.value = COUNT - 1)],
        "The fit is perfect and the hidden entries are wrong: all four singular values moved at once.",
      ],
      [
        "a tiny start",
        () => [(start.value = 24), (time.value = COUNT - 1)],
        "Two values arrive one after the other, the other two stay down, and the hidden entries come out nearly right.",
      ],
      [
        "too few entries",
        () => [hide([0, 0], [2, 1]), (time.value = COUNT - 1)],
        "Eleven entries for twelve unknowns: the fit is good, and the hidden ones are anybody's guess.",
      ],
    ]);

    const showEntries = (W) => {
      W.forEach((row, i) =>
        row.forEach((entry, j) => {
          const seen = matrix.mask[i][j];
          const now = tidy(Number(entry.toFixed(1)));
          const said = `${now}, in M ${tidy(M[i][j])}, ${seen ? "observed" : "hidden"}`;
          matrix.show(i, j, `${now}\n${seen ? tidy(M[i][j]) : `(${tidy(M[i][j])})`}`, said, entry / LARGEST);
        }),
      );
    };

    const errors = (W) => {
      const hidden = matrix.mask.flat().filter((seen) => !seen).length;
      if (hidden === SIZE) return "Nothing is observed, and nothing moves.";
      const seen = `W is off by ${percent(misfit(W, matrix.mask, true))} on the ${SIZE - hidden} observed entries`;
      if (hidden === 0) return `${seen}.`;
      return `${seen}, by ${percent(misfit(W, matrix.mask, false))} on the ${hidden} hidden ones.`;
    };

    let flow = {}; // kept while only the time changes
    const follow = () => {
      const factor = diagonal(scaleAt(start.value));
      const path = factorizationFlow(M, matrix.mask, [factor, factor], TIMES);
      return { of: `${start.value} ${matrix.mask}`, path, sigma: path.map(singularValues) };
    };

    return () => {
      if (flow.of !== `${start.value} ${matrix.mask}`) flow = follow();
      const { path, sigma } = flow;
      const [W, values, now] = [path[time.value], sigma[time.value], TIMES[time.value]];
      showEntries(W);
      for (const [line, value] of truth) line([[0, value], [END, value]]);
      curves.forEach((curve, k) => curve(sigma.map((row, i) => [TIMES[i], row[k]])));
      dots.forEach((dot, k) => dot(now, values[k]));
      ui.say(
        `From ${two(scaleAt(start.value))}, at t = ${rounded(now)}: singular values ` +
          `${values.map(rounded).join(", ")}, nuclear norm ${rounded(norm(values, 1))} ` +
          `(M: ${rounded(norm(TRUTH, 1))}). ${errors(W)}`,
      );
    };
  });
}
