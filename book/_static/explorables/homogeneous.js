// needs two_neurons.js widgets.js
// Two neurons at a saddle: a margin that looks final for a long while.
"use strict";
{
  const { clamp, norm, tidy, releaseDepth, twoNeuronFlow, pairResiduals } = ibnotes;

  const HEIGHT = 0.5; // b at the start
  const POINT = [Math.sqrt(0.7), Math.sqrt(0.3)];
  const STEEPEST = Math.tan(Math.PI / 36); // the point keeps 5 degrees off both axes
  const [SHALLOW, DEEP, COUNT] = [1, 1e6, 140];
  const [NEAR, FAR] = [1.3, 1.2e4]; // where words begin, at the left and at the right
  const EARLY = 1000; // the release strikes no words at the right
  const DEPTHS = Array.from({ length: COUNT }, (_, k) => SHALLOW * (DEEP / SHALLOW) ** (k / (COUNT - 1)));
  const OWN = 0.5; // margin of the KKT point with one neuron a point
  const NEARLY = DEPTHS.findIndex((depth) => depth > 100 * Math.log(10));
  const LOG = { to: Math.log, from: Math.exp };
  const short = (v, digits = 2) => tidy(Number(v.toPrecision(digits)));
  const degrees = (angle) => `${short((angle * 180) / Math.PI)}°`;

  /** The place's direction from the origin, on the unit circle, right and above. */
  const onCircle = ([x, y]) => {
    const slope = clamp(y / Math.max(x, 0.01), [STEEPEST, 1 / STEEPEST]);
    const scale = 1 / Math.hypot(1, slope);
    return [scale, slope * scale];
  };

  ibnotes.explorable("homogeneous", (ui) => {
    const plane = ui.plot({
      label: "Two points and the directions of two neurons",
      x: { domain: [-1.25, 1.25], label: "x₁", ticks: [-1, 0, 1] },
      y: { domain: [-0.2, 1.25], label: "x₂", ticks: [0, 1] },
      equal: true,
    });
    const trace = ui.plot({
      label: "The normalized margin against the logarithm of one over the loss",
      x: { domain: [SHALLOW, DEEP], label: "log(1/loss)", scale: LOG, ticks: [1, 10, 100, 1000, 1e4, 1e5] },
      y: { domain: [0, 1], label: "normalized margin", ticks: [0, 0.25, 0.5, 0.75, 1] },
      height: plane.height,
    });
    const [right, left] = [plane.arrow("green"), plane.arrow("purple")];
    const mirror = plane.dot("blue");
    const point = ui.handle(plane, { label: "point", x: POINT[0], y: POINT[1], allowed: onCircle });
    const [both, own, letGo] = [trace.line("theory"), trace.line("theory"), trace.line("theory")];
    const [bothName, ownName, letGoName] = [trace.text(), trace.text(), trace.text()];
    const [margins, now] = [trace.line("green"), trace.dot("green")];

    ui.key([
      ["line green", "right neuron, and the margin"],
      ["line purple", "left neuron"],
      ["line theory", "KKT points, and the release"],
    ]);
    const depthAt = (k) => `log(1/loss) = ${short(DEPTHS[k])}`;
    const time = ui.slider({ label: "Training", min: 0, max: COUNT - 1, step: 1, value: 96, format: depthAt });
    ui.play(time);
    const tilt = (k) => `a = ${short(10 ** k)}`;
    const start = ui.slider({ label: "Start, sideways", min: -6, max: -0.5, step: 0.25, value: -4, format: tilt });

    ui.tries([
      [
        "stop at 10⁻¹⁰⁰",
        () => (time.value = NEARLY),
        "The margin has not moved for long and the KKT angle is small: is this the end? Play on.",
      ],
      [
        "closer to the axis",
        () => (start.value = -6),
        "A hundredth as far off the axis, and the release comes at a thousand times the log(1/loss).",
      ],
      [
        "a right angle",
        () => point.put(Math.SQRT1_2, Math.SQRT1_2),
        "The two points are 90° apart: the saddle has become the end, and nothing lets go.",
      ],
    ]);

    const drawPlane = ([c, s], weights) => {
      const [a, b] = weights.map((entry) => entry / norm(weights));
      right([0, 0], [a, b]);
      left([0, 0], [-0.9 * a, 0.9 * b]); // shorter, to be seen beside the other one
      mirror(-c, s);
    };

    const level = (height) => [[SHALLOW, height], [DEEP, height]];

    const drawTrace = ([c, s], found, end) => {
      margins(found.map(({ margin }, k) => [DEPTHS[k], margin]));
      now(DEPTHS[time.value], found[time.value].margin);
      both(level(s * s));
      const words = end < EARLY ? FAR : NEAR;
      bothName("each sees both", words, s * s + (s * s > 0.15 ? -0.1 : 0.05)); // clear of the curve and of its dot
      own(...(c > s ? [level(OWN)] : []));
      ownName(...(c > s ? ["one point each", words, OWN + 0.05] : []));
      const inside = end > SHALLOW && end < DEEP;
      letGo(...(inside ? [[[end, 0], [end, 1]]] : []));
      letGoName(...(inside ? ["let go", end < DEEP / 10 ? 1.15 * end : end / 6, 0.92] : []));
    };

    const fate = (end) => {
      if (end === Infinity) return "They never let go: the points are at most 90° apart.";
      if (end < SHALLOW) return "Each neuron sees one point only.";
      return `They let go of one point each at log(1/loss) = ${short(end)}.`;
    };

    return () => {
      const place = [point.x, point.y];
      const begin = [10 ** start.value, HEIGHT];
      const path = twoNeuronFlow(place, begin, DEPTHS);
      const found = path.map((weights) => pairResiduals(place, weights));
      const end = releaseDepth(place, begin);
      const [a, b] = path[time.value];
      const { angle, margin } = found[time.value];
      drawPlane(place, path[time.value]);
      drawTrace(place, found, end);
      ui.say(
        `At ${depthAt(time.value)}, from ${tilt(start.value)}, the neurons are ${degrees(Math.atan2(a, b))} off the ` +
          `axis, the margin is ${short(margin, 3)} and the KKT angle ${degrees(angle)}. On the axis the margin would ` +
          `be ${short(place[1] ** 2, 3)}. ${fate(end)}`,
      );
    };
  });
}
