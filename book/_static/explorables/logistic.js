// needs margin.js
// Gradient flow on the mean logistic loss in the plane, in log-time (see ibnotes/flows.py).
"use strict";
{
  const { dot, norm, signed, maxMargin, solve, integrate } = ibnotes;

  const mixture = (weights, Z) => {
    const sum = [0, 0];
    for (let i = 0; i < Z.length; i++) for (let j = 0; j < 2; j++) sum[j] += (weights[i] * Z[i][j]) / Z.length;
    return sum;
  };
  const minusHessian = (weights, Z) => [0, 1].map((j) => mixture(Z.map((z, i) => -weights[i] * z[j]), Z));
  const softplus = (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  const sigmoid = (x) => 1 / (1 + Math.exp(-x));

  /** w at the ascending times `ts` from w = 0 at t = 0, where nothing is stiff. */
  const untilOne = (Z, ts) => {
    const pulls = (w) => Z.map((z) => sigmoid(-dot(z, w)));
    const jacobian = (_, w) => minusHessian(pulls(w).map((p) => p * (1 - p)), Z);
    return integrate((_, w) => mixture(pulls(w), Z), jacobian, [0, ...ts], [0, 0]).slice(1);
  };

  /** rho = w - reference * s at the ascending log-times `ss` from rho at s = 0; slope = 1 - <z, reference>. */
  const afterOne = (Z, reference, slope, ss, start) => {
    const rests = (s, rho) => Z.map((z, i) => slope[i] * s - dot(z, rho)); // s minus the point's margin
    const pull = (s, rest) => Math.exp(rest - softplus(rest - s)); // t times the derivative of its loss
    const velocity = (s, rho) => {
      const force = mixture(rests(s, rho).map((rest) => pull(s, rest)), Z);
      return force.map((entry, j) => entry - reference[j]);
    };
    const jacobian = (s, rho) => minusHessian(rests(s, rho).map((rest) => pull(s, rest) * sigmoid(s - rest)), Z);
    return integrate(velocity, jacobian, [0, ...ss], start).slice(1);
  };

  /** As ibnotes.logistic_flow, from w(0) = 0 in the plane: w at the ascending `logTimes`. Throws NotSeparable. */
  const logisticFlow = (X, y, logTimes) => {
    const svm = maxMargin(X, y);
    const c = Math.max(...X.map((x) => norm(x))); // rescaling x to length 1 rescales w by c and t by c^2
    const Z = signed(X, y).map((z) => z.map((entry) => entry / c));
    const reference = svm.w.map((entry) => entry * c);
    const slope = Z.map((z, i) => (svm.support.includes(i) ? 0 : 1 - dot(z, reference)));
    const ss = logTimes.map((s) => s + 2 * Math.log(c));
    const late = ss.filter((s) => s > 0);
    const early = untilOne(Z, [...ss.filter((s) => s <= 0).map(Math.exp), 1]);
    const rho = afterOne(Z, reference, slope, late, early.pop());
    const w = [...early, ...rho.map((r, k) => r.map((entry, j) => reference[j] * late[k] + entry))];
    return w.map((v) => v.map((entry) => entry / c));
  };

  /** Limit of w - w_svm log t where two support vectors, both pulling, span the plane; null elsewhere. */
  const logisticResidual = (X, y) => {
    const { support, dual } = maxMargin(X, y);
    if (support.length !== 2 || support.some((i) => !(dual[i] > 0))) return null;
    const Z = signed(X, y);
    return solve(support.map((i) => Z[i]), support.map((i) => -Math.log(X.length * dual[i])));
  };

  /** Shares of the points in the gradient at w: the derivatives of their losses over the sum of these. */
  const gradientShares = (X, y, w) => {
    const logs = signed(X, y).map((z) => -softplus(dot(z, w)));
    const largest = Math.max(...logs);
    const pulls = logs.map((own) => Math.exp(own - largest));
    return pulls.map((pull) => pull / norm(pulls, 1));
  };

  const meanLoss = (Z, w) => Z.reduce((sum, z) => sum + softplus(-dot(z, w)), 0) / Z.length;

  /** Where the mean logistic loss is least, by Newton's method with halved steps; null where it is not attained. */
  const logisticMinimizer = (X, y) => {
    const Z = signed(X, y);
    let w = [0, 0];
    for (let k = 0; k < 100 && norm(w) < 1e3; k++) {
      const pulls = Z.map((z) => sigmoid(-dot(z, w)));
      const step = solve(minusHessian(pulls.map((p) => p * (1 - p)), Z), mixture(pulls, Z)).map((entry) => -entry);
      if (norm(step) < 1e-12 * (1 + norm(w))) return w;
      const at = (share) => w.map((entry, j) => entry + share * step[j]);
      let share = 1;
      while (share > 1e-6 && meanLoss(Z, at(share)) > meanLoss(Z, w)) share /= 2;
      w = at(share);
    }
    return null;
  };

  Object.assign(ibnotes, { logisticFlow, logisticResidual, gradientShares, logisticMinimizer });
}
