// needs margin.js
// Discrete training of a linear classifier on the mean exponential loss (see ibnotes/dynamics/descent.py).
"use strict";
{
  const { dot, signed } = ibnotes;
  const BEYOND = 1e100; // no run comes there but one whose steps grow without end

  /** Write the gradient of `mean_i exp(-<z_i, w>)` into g. */
  const gradient = (Z, w, g) => {
    g.fill(0);
    for (const z of Z) {
      const pull = Math.exp(-dot(z, w)) / Z.length;
      for (let j = 0; j < w.length; j++) g[j] -= pull * z[j];
    }
  };

  /** 0 and at most `records` step counts up to `steps`, evenly spaced in their logarithm, the last one always. */
  const logSpaced = (steps, records) => {
    const counts = Array.from({ length: records }, (_, k) => Math.round(steps ** (k / (records - 1))));
    return [0, ...new Set(counts)];
  };

  /**
   * As ibnotes.descend with loss "exponential", from w = 0: {steps, w, diverged}, the weights at log-spaced step counts,
   * and the step, if there is one, that leads out of all bounds. A step sees all points, or with `inTurn` one after the
   * other.
   */
  const descend = (X, y, optimizer, steps, { records = 100, schedule = () => 1, inTurn = false } = {}) => {
    const Z = signed(X, y);
    const batches = inTurn ? Z.map((z) => [z]) : [Z];
    const marks = logSpaced(steps, records);
    const [w, g] = [Z[0].map(() => 0), Z[0].map(() => 0)];
    let [count, diverged] = [0, null];
    const recorded = marks.map((mark) => {
      while (count < mark) {
        count += 1;
        gradient(batches[(count - 1) % batches.length], w, g);
        optimizer(w, g, schedule(count));
        if (!w.every((entry) => Math.abs(entry) < BEYOND)) diverged ??= count;
      }
      return w.slice();
    });
    return { steps: marks, w: recorded, diverged };
  };

  Object.assign(ibnotes, { logSpaced, descend });
}
