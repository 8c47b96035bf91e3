// needs deep_product.js widgets.js
// Singular values of deep linear networks, which arrive the more clearly in stages the deeper the network.
"use strict";
{
  const { tidy, singularValueFlow, earlyGrowth, arrival } = ibnotes;

  const TARGETS = [3, 2, 1];
  const LOOKS = ["blue", "green", "orange"];
  const [TOP, COUNT, DEEPEST] = [3.5, 101, 4];
  const scaleAt = (k) => 10 ** (-k / 10);
  const rounded = (v) => tidy(Number(v.toPrecision(2)));

  ibnotes.explorable("stages", (ui) => {
    const plot = ui.plot({
      label: "Three singular values of the product against time",
      x: { domain: [0, 1], label: "time t" },
      y: { domain: [-0.1, TOP], label: "singular values" },
    });
    const early = TARGETS.map(() => plot.line("theory"));
    const curves = LOOKS.map((colour) => plot.line(colour));
    const dots = LOOKS.map((colour) => plot.dot(colour));
    ui.key([
      ...TARGETS.map((target, i) => [`line ${LOOKS[i]}`, `target ${target}`]),
      ["line theory", "constant pull, theory"],
    ]);
    const depths = { min: 1, max: DEEPEST, step: 1, value: 2, format: (D) => `D = ${D}` };
    const depth = ui.slider({ label: "Depth", ...depths });
    const scales = { min: 5, max: 30, step: 1, value: 20, format: (k) => `ε = ${rounded(scaleAt(k))}` };
    const start = ui.slider({ label: "Start", ...scales });
    /** Long enough for the last value to come near its target. */
    const horizon = () => Math.max(1.5 * arrival(1, scaleAt(start.value), depth.value), 3);
    const timeAt = (k) => (k * horizon()) / (COUNT - 1);
    const times = { min: 0, max: COUNT - 1, step: 1, value: 32, format: (k) => `t = ${rounded(timeAt(k))}` };
    const time = ui.slider({ label: "Time", ...times });
    ui.play(time);

    ui.tries([
      [
        "one layer",
        () => Object.assign(depth, { value: 1 }),
        "All three close their gaps at one rate: no stages, however small the start.",
      ],
      [
        "a tiny start",
        () => [start.value, time.value] = [30, 40],
        "Each value waits in proportion to log(1/ε), longer where its target is smaller: the stages come apart.",
      ],
      [
        "four layers",
        () => [depth.value, time.value] = [4, 42],
        "Longer waits, steeper rises: what has not had its turn stays near the start.",
      ],
    ]);

    let flow = {}; // kept while only the time changes
    const follow = (scale, L) => {
      const grid = Array.from({ length: COUNT }, (_, k) => timeAt(k));
      return { scale, L, grid, sigma: TARGETS.map((target) => singularValueFlow(target, scale, L, grid)) };
    };

    return () => {
      const [scale, L] = [scaleAt(start.value), depth.value];
      if (flow.scale !== scale || flow.L !== L) flow = follow(scale, L);
      const { grid, sigma } = flow;
      plot.setDomain({ x: [0, grid.at(-1)] });
      curves.forEach((curve, i) => curve(grid.map((t, k) => [t, sigma[i][k]])));
      dots.forEach((dot, i) => dot(grid[time.value], sigma[i][time.value]));
      TARGETS.forEach((target, i) => {
        const growth = grid.map((t) => [t, earlyGrowth(target, scale, L, t)]);
        early[i](growth.filter(([, value]) => value < 2 * TOP));
      });
      const reached = TARGETS.map((target, i) => `${rounded(sigma[i][time.value])} of ${target}`);
      ui.say(
        `Depth ${L}, factors of size ${rounded(scale)} at the start. At t = ${rounded(grid[time.value])} ` +
          `the three singular values have reached ${reached.join(", ")}.`,
      );
    };
  });
}
