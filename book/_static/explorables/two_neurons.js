// needs numerics.js
// Two neurons max(<w, x>, 0)^2 and their mirror images: w = (±a, b), points (±c, s), all labels +1. Gradient flow on
// the summed exponential loss exp(-depth), whose path is known in closed form (chapter on homogeneous networks).
"use strict";
{
  const NEWTON = 100; // steps; a dozen is needed
  const TWO = Math.log(2); // the loss of two equal margins q is 2 exp(-q)

  /** (a, b) while both neurons see both points: each entry grows at a rate of its own. */
  const together = ([c, s], [a, b], tau) => [a * Math.exp(c * c * tau), b * Math.exp(s * s * tau)];

  const shared = ([c, s], [a, b]) => 2 * ((c * a) ** 2 + (s * b) ** 2);

  const apart = ([c, s], [a, b]) => (c * a + s * b) ** 2;

  /** The margin of either point. */
  const pairMargin = (point, weights) => (sees(point, weights) ? shared : apart)(point, weights);

  /** Whether each neuron sees the other one's point. */
  const sees = ([c, s], [a, b]) => a * c < b * s;

  /** When each neuron loses sight of the other one's point, in the time of `together`: Infinity where never. */
  const release = ([c, s], [a, b]) => {
    if (!sees([c, s], [a, b])) return 0;
    return c > s ? Math.log((s * b) / (c * a)) / (c * c - s * s) : Infinity;
  };

  /** `depth`, the log of one over the loss, at the release. */
  const releaseDepth = (point, start) => {
    const tau = release(point, start);
    return tau === Infinity ? Infinity : pairMargin(point, together(point, start, tau)) - TWO;
  };

  /** The time of `together` at which the margin is q: Newton on log q, which is convex and increasing. */
  const timeOf = (point, start, q) => {
    let tau = 0;
    for (let k = 0; k < NEWTON; k++) {
      const now = together(point, start, tau);
      const value = shared(point, now);
      const slope = (2 * 2 * (point[0] ** 4 * now[0] ** 2 + point[1] ** 4 * now[1] ** 2)) / value;
      const step = Math.log(q / value) / slope;
      tau += step;
      if (Math.abs(step) < 1e-15 * Math.abs(tau)) break;
    }
    return tau;
  };

  /** (a, b) at each of `depths`, none of them before the start. */
  const twoNeuronFlow = (point, start, depths) => {
    const tau = release(point, start);
    const last = tau < Infinity ? together(point, start, tau) : null;
    const [c, s] = point;
    return depths.map((depth) => {
      const q = depth + TWO;
      if (last === null || q < pairMargin(point, last)) return together(point, start, timeOf(point, start, q));
      const further = (Math.sqrt(q) - (c * last[0] + s * last[1])) / (c * c + s * s); // straight towards the point
      return [last[0] + further * c, last[1] + further * s];
    });
  };

  /** As ibnotes.margin_residuals: the angle between weights and loss's negative gradient, and the normalized margin. */
  const pairResiduals = (point, weights) => {
    const [[c, s], [a, b]] = [point, weights];
    const pull = sees(point, weights) ? [c * c * a, s * s * b] : [c, s];
    const angle = Math.abs(Math.atan2(a * pull[1] - b * pull[0], a * pull[0] + b * pull[1]));
    return { angle, margin: pairMargin(point, weights) / (2 * (a * a + b * b)) };
  };

  Object.assign(ibnotes, { releaseDepth, twoNeuronFlow, pairResiduals });
}
