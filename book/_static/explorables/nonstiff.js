// needs numerics.js
// An explicit integrator, for flows that are smooth but have many unknowns.
"use strict";
{
  // Dormand & Prince 1980: stages, and the fifth order's weights minus the fourth's; the last stage is the next first
  const STAGES = [
    [],
    [1 / 5],
    [3 / 40, 9 / 40],
    [44 / 45, -56 / 15, 32 / 9],
    [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
    [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
    [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
  ];
  const ERROR = [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40];

  /** y + h * sum_i weights_i slopes_i. */
  const combine = (y, h, weights, slopes) => {
    const sum = y.slice();
    for (let i = 0; i < weights.length; i++) {
      const factor = h * weights[i];
      for (let j = 0; j < y.length; j++) sum[j] += factor * slopes[i][j];
    }
    return sum;
  };

  /** One step from y with the slope f(y): the new y, its slope, and the error in units of the tolerance. */
  const advance = (f, y, slope, h, { rtol, atol }) => {
    const slopes = [slope];
    let next = y;
    for (let k = 1; k < STAGES.length; k++) {
      next = combine(y, h, STAGES[k], slopes);
      slopes.push(f(next));
    }
    const errors = combine(y.map(() => 0), h, ERROR, slopes);
    let error = 0;
    for (let j = 0; j < y.length; j++) error = Math.max(error, Math.abs(errors[j]) / (atol + rtol * Math.abs(next[j])));
    return { next, slope: slopes.at(-1), error };
  };

  /** Solve y' = f(y), which must not be stiff; returns y at the ascending `times`, y0 being at the first. */
  const integrateExplicitly = (f, times, y0, { rtol = 1e-9, atol = 1e-12, first = 1e-3 } = {}) => {
    let [t, y, slope, h] = [times[0], y0, f(y0), first];
    return times.map((end) => {
      while (t < end) {
        const last = t + h >= end;
        const length = last ? end - t : h;
        const step = advance(f, y, slope, length, { rtol, atol });
        const change = Math.min(Math.max(0.9 * step.error ** -0.2, 0.2), 5) || 0.2; // NaN: back off
        if (step.error <= 1) [t, y, slope] = [last ? end : t + length, step.next, step.slope];
        h = last && step.error <= 1 ? Math.max(h, length * change) : length * change;
        if (length < 1e-12 * Math.abs(end)) throw new Error(`integrateExplicitly gave up at ${t}`);
      }
      return y;
    });
  };

  Object.assign(ibnotes, { integrateExplicitly });
}
