// needs interpolation.js potentials.js widgets.js
// The solution that a diagonal network selects, from kernel to rich, and the level set of its potential there.
"use strict";
{
  const { norm, tidy, ball, lineThrough, minNormInterpolant, minPotentialInterpolant, levelSet } = ibnotes;

  const DEPTHS = [2, 3, 4, 5];
  const DECADES = { to: Math.log10, from: (v) => 10 ** v };
  const [LARGE, SMALL] = [1, -4]; // powers of ten of the start
  const scaleAt = (k) => 10 ** (LARGE - k / 10);
  const COUNT = 10 * (LARGE - SMALL);
  const SCALES = Array.from({ length: COUNT + 1 }, (_, k) => scaleAt(k));
  const SHARES = Array.from({ length: 41 }, (_, k) => k / 40);
  const FAR = 1000;

  const between = (u, v, share) => u.map((entry, j) => entry + share * (v[j] - entry));
  const place = (w) => `(${w.map((entry) => tidy(Number(entry.toFixed(3)))).join(", ")})`;
  const two = (v) => tidy(Number(v.toPrecision(2)));
  const percent = (ratio) => (ratio < 1.0001 ? "less than 0.01 %" : `${two(100 * (ratio - 1))} %`);
  /** All four quarters of a curve that is the same in each. */
  const mirrored = (quarter) => {
    const half = [...quarter, ...quarter.map(([x, y]) => [x, -y]).reverse()];
    return [...half, ...half.map(([x, y]) => [-x, y]).reverse()];
  };

  ibnotes.explorable("diagonal_network", (ui) => {
    const plane = ui.plot({
      label: "The solutions of one equation in two unknowns, and the path of the network's weights",
      x: { domain: [-1.6, 2.4], label: "w₁" },
      y: { domain: [-1.5, 1.8], label: "w₂" },
      equal: true,
    });
    const regimes = ui.plot({
      label: "The ℓ1 norm of the solution over the smallest, against the scale of the start",
      x: { domain: [scaleAt(0), scaleAt(COUNT)], label: "start α", scale: DECADES, ticks: [10, 1, 0.1, 0.01, 0.001] },
      y: { domain: [0.98, 1.22], label: "ℓ1 norm / smallest", ticks: [1, 1.05, 1.1, 1.15, 1.2] },
      height: plane.height,
    });
    const line = plane.line("grey");
    const [diamond, disc] = [plane.line("orange dashed"), plane.line("blue dashed")];
    const [inside, border] = [plane.area("purple"), plane.line("purple")];
    const [path, end] = [plane.line("purple"), plane.dot("purple")];
    const [least, euclidean] = [regimes.line("orange dashed"), regimes.line("blue dashed")];
    const others = DEPTHS.map(() => regimes.line("grey thin"));
    const [curve, now] = [regimes.line("purple"), regimes.dot("purple")];
    const hold = (label, x, y) => ui.handle(plane, { label, x, y, shape: "square", colour: "grey" });
    const onLine = [hold("first point of the line", -1, 1.5), hold("second point of the line", 2, 0)];
    ui.key([
      ["line purple", "network"],
      ["line grey", "solutions; other depths"],
      ["line orange dashed", "smallest ℓ1 norm"],
      ["line blue dashed", "smallest ℓ2 norm"],
    ]);
    const format = (k) => `α = ${two(scaleAt(k))}`;
    const start = ui.slider({ label: "Start", min: 0, max: COUNT, step: 1, value: 15, format });
    ui.play(start);
    const options = { min: DEPTHS[0], max: DEPTHS.at(-1), step: 1, value: DEPTHS[0], format: (D) => `D = ${D}` };
    const depth = ui.slider({ label: "Depth", ...options });

    ui.tries([
      [
        "a large start",
        () => (start.value = 0),
        "The path is straight, to the ℓ2 solution; the level set is all but the disc.",
      ],
      [
        "a tiny start",
        () => (start.value = COUNT),
        "The path runs along an axis; the level set has become the diamond.",
      ],
      [
        "almost a tie",
        () => [onLine[0].put(-0.4, 1.5), onLine[1].put(1.5, -0.5), (start.value = 30)],
        "The line is all but parallel to a side of the diamond: depth two is far from the ℓ1 solution. Go deeper.",
      ],
    ]);

    const clear = () => {
      const marks = [line, diamond, disc, inside, border, path, end, least, euclidean, ...others, curve, now];
      for (const mark of marks) mark();
    };

    /** The path of the flow: at all times it is where it would end if the target were what it has reached. */
    const drawPlane = (X, y, scale, { w, tops }, norms) => {
      const outline = mirrored(levelSet(tops, scale, depth.value));
      inside(outline);
      border(outline);
      path(SHARES.map((share) => minPotentialInterpolant(X, [share * y[0]], scale, depth.value).w));
      end(...w);
      diamond(ball([0, 0], norms[0], 1));
      disc(ball([0, 0], norms[1], 2));
    };

    const drawRegimes = (ratioAt, scale, largest) => {
      const across = (ratio) => [[scaleAt(0), ratio], [scaleAt(COUNT), ratio]];
      least(across(1));
      euclidean(across(largest));
      const curves = DEPTHS.map((D) => SCALES.map((alpha) => [alpha, ratioAt(alpha, D)]));
      others.forEach((other, k) => other(curves[k]));
      curve(curves[DEPTHS.indexOf(depth.value)]);
      now(scale, ratioAt(scale, depth.value));
    };

    return () => {
      clear();
      const [P, Q] = onLine.map((point) => [point.x, point.y]);
      const { X, y } = lineThrough(P, Q);
      const setting = `Depth ${depth.value}, start at ${two(scaleAt(start.value))}`;
      if (norm(X[0]) === 0) {
        ui.say(`${setting}: the two points of the line coincide, and say nothing about where the line goes.`);
        return;
      }
      line([between(P, Q, -FAR), between(P, Q, FAR)]);
      if (y[0] === 0) {
        ui.say(`${setting}: zero, where the network starts, is a solution, and it stays there.`);
        return;
      }
      const [l1, l2] = [1, 2].map((p) => minNormInterpolant(X, y, p));
      const ratioAt = (alpha, D) => norm(minPotentialInterpolant(X, y, alpha, D).w, 1) / norm(l1.w, 1);
      const scale = scaleAt(start.value);
      const found = minPotentialInterpolant(X, y, scale, depth.value);
      const largest = norm(l2.w, 1) / norm(l1.w, 1);
      drawPlane(X, y, scale, found, [norm(l1.w, 1), norm(l2.w)]);
      drawRegimes(ratioAt, scale, largest);
      const tie = l1.ends.length > 1 ? " All solutions on a side of the diamond have the smallest ℓ1 norm." : "";
      ui.say(
        `${setting}: the flow ends at ${place(found.w)}, ${percent(ratioAt(scale, depth.value))} above the ` +
          `smallest ℓ1 norm, at ${place(l1.w)}; ` +
          `the smallest ℓ2 norm, at ${place(l2.w)}, is ${percent(largest)} above it.${tie}`,
      );
    };
  });
}
