// needs optimizers.js
// A diagonal network of depth two with a single weight w = u^2 - v^2, fitted to w = 1 with the loss (w - 1)^2 / 2.
"use strict";
{
  const { gradientDescent } = ibnotes;
  const FAR = 1000; // nothing that starts within reach comes back from there

  const residual = ([u, v]) => u * u - v * v - 1;

  /** The points (u, v) of gradient descent after 0, 1, ..., `steps` steps; fewer where it diverges. */
  const trainScalar = (start, stepSize, steps) => {
    const step = gradientDescent(stepSize);
    const path = [start];
    while (path.length <= steps) {
      const point = path.at(-1).slice();
      const g = residual(point);
      step(point, [2 * g * point[0], -2 * g * point[1]], 1);
      if (!(Math.hypot(...point) < FAR)) break;
      path.push(point);
    }
    return path;
  };

  /** Largest eigenvalue of the Hessian of the loss. */
  const scalarSharpness = ([u, v]) => {
    const g = residual([u, v]);
    return 2 * (u * u + v * v) + Math.hypot(2 * (u * u - v * v) + 2 * g, 4 * u * v);
  };

  /** The minimum that gradient flow goes to, which keeps uv; from u = 0 the saddle at the origin. */
  const scalarFlow = ([u, v]) => {
    const end = Math.sign(u) * Math.sqrt((1 + Math.hypot(1, 2 * u * v)) / 2);
    return [end, end === 0 ? 0 : (u * v) / end];
  };

  Object.assign(ibnotes, { trainScalar, scalarSharpness, scalarFlow });
}
