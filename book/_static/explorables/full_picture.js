// needs risk.js singular.js widgets.js
// Double descent on Gaussian features: the risk of one draw against theory, and the singular values behind the peak.
"use strict";
{
  const { tidy, latest, singularValues, linearRisk, expectedRisk, ridgeRisk, optimalPenalty } = ibnotes;

  const [POINTS, MOST, SIGNAL, DRAWS] = [20, 120, 1, 20];
  const DIMS = [2, 4, 6, 8, 11, 14, 16, 17, 18, 19, 20, 21, 22, 23, 25, 27, 30, 35, 40, 50, 60, 75, 95, MOST];
  const LOG = { to: Math.log, from: Math.exp };
  const [LOW, HIGH] = [0.01, 1000]; // of the risk that is drawn
  const COUNT = 120;
  const spaced = (from, to) => Array.from({ length: COUNT }, (_, k) => from * (to / from) ** (k / (COUNT - 1)));
  const [ASPECTS, SINGULAR] = [spaced(0.1, 6), spaced(0.01, 30)];

  /** Standard Gaussians that are the same for the same seed (mulberry32; Box and Muller 1958). */
  const gaussians = (seed) => {
    let state = seed;
    const uniform = () => {
      state = (state + 0x6d2b79f5) | 0;
      let t = Math.imul(state ^ (state >>> 15), 1 | state);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    };
    return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  };

  const matrix = (seed) => {
    const next = gaussians(seed);
    return Array.from({ length: POINTS }, () => Array.from({ length: MOST }, next));
  };

  const features = (X, d) => X.map((row) => row.slice(0, d));
  const clamp = (v) => Math.min(Math.max(v, LOW), HIGH);
  const short = (v) => (v === Infinity ? "infinite" : tidy(Number(v.toPrecision(2))));

  ibnotes.explorable("full_picture", (ui) => {
    const risks = ui.plot({
      label: "Risk of one draw and of theory, without and with a ridge penalty, against features over points",
      x: { domain: [0.1, 6], label: "features / points", scale: LOG, ticks: [0.1, 0.3, 1, 3, 6] },
      y: { domain: [LOW, HIGH], label: "risk", scale: LOG, ticks: [0.01, 0.1, 1, 10, 100, 1000] },
    });
    const spectrum = ui.plot({
      label: "Amplification of the noise along each singular direction, against its singular value",
      x: { domain: [0.01, 30], label: "singular value s", scale: LOG, ticks: [0.01, 0.1, 1, 10] },
      y: { domain: [1e-4, 100], label: "noise is multiplied by", scale: LOG, ticks: [0.001, 0.01, 0.1, 1, 10, 100] },
    });
    const here = risks.line("grey");
    const laws = [risks.line("theory"), risks.line("theory"), risks.line("theory")]; // before the peak, after, ridge
    const plain = DIMS.map(() => risks.dot("blue"));
    const ridge = DIMS.map(() => risks.speck("green")); // leaves a blue dot under it in sight
    const [steep, bent] = [spectrum.line("blue"), spectrum.line("green")];
    const amplified = Array.from({ length: POINTS }, () => spectrum.dot("blue"));
    const damped = Array.from({ length: POINTS }, () => spectrum.speck("green"));

    ui.key([["dot blue", "minimum norm, 1/s"], ["speck green", "ridge, s / (s² + nλ)"], ["line theory", "theory"]]);
    const atIndex = (k) => `d = ${DIMS[k]}`;
    const [last, peak] = [DIMS.length - 1, DIMS.indexOf(POINTS)];
    const chosen = ui.slider({ label: "Features", min: 0, max: last, step: 1, value: peak, format: atIndex });
    ui.play(chosen);
    const noisy = ui.slider({ label: "Noise τ²", min: 0.05, max: 1, step: 0.05, value: 0.25, format: tidy });
    const times = (k) => short(10 ** k);
    const inBest = (k) => `${times(k)} × best`;
    const strength = ui.slider({ label: "Penalty", min: -3, max: 2, step: 0.25, value: 0, format: inBest });
    const draw = ui.slider({ label: "Draw", min: 1, max: DRAWS, step: 1, value: 1, format: (k) => `no. ${k}` });

    ui.tries([
      [
        "the peak",
        () => [(chosen.value = peak), (strength.value = -2)],
        "A singular value close to zero multiplies the noise; a hundredth of the best penalty lets a peak come back.",
      ],
      [
        "far beyond it",
        () => (chosen.value = last),
        "Six features a point: the smallest singular value is large again, and the risk has come down.",
      ],
      [
        "too much penalty",
        () => [(chosen.value = 2), (strength.value = 2)],
        "With few features a hundred times the best penalty is worse than none.",
      ],
    ]);

    const penaltyAt = (aspect) => 10 ** strength.value * optimalPenalty(aspect, SIGNAL, noisy.value);
    const limit = (aspect) => ridgeRisk(aspect, SIGNAL, noisy.value, penaltyAt(aspect));
    const mean = (d) => expectedRisk(POINTS, d, SIGNAL, noisy.value);

    const truth = (d) => new Array(d).fill(Math.sqrt(SIGNAL / d));
    const measure = (X, d, noise, penalty) => linearRisk(features(X, d), truth(d), noise, penalty);
    const data = latest(matrix);
    const minimumNorm = latest((seed, noise) => DIMS.map((d) => measure(data(seed), d, noise, 0)));
    const ridged = latest((seed, noise, penalties) => DIMS.map((d, k) => measure(data(seed), d, noise, penalties[k])));

    const drawRisks = (free, held) => {
      const means = Array.from({ length: MOST + 1 }, (_, d) => [d / POINTS, mean(d)]);
      const aspect = DIMS[chosen.value] / POINTS;
      here([[aspect, LOW], [aspect, HIGH]]);
      laws[0](means.slice(DIMS[0], POINTS - 1)); // infinite from here to POINTS + 1
      laws[1](means.slice(POINTS + 2));
      laws[2](ASPECTS.map((own) => [own, limit(own)]));
      DIMS.forEach((d, k) => {
        plain[k](d / POINTS, clamp(free[k]));
        ridge[k](d / POINTS, clamp(held[k]));
      });
    };

    const drawSpectrum = (values, penalty) => {
      const bend = (s) => s / (s * s + POINTS * penalty);
      steep(SINGULAR.map((s) => [s, 1 / s]));
      bent(SINGULAR.map((s) => [s, bend(s)]));
      for (let i = 0; i < POINTS; i++) {
        const s = values[i];
        amplified[i](...(i < values.length ? [s, 1 / s] : []));
        damped[i](...(i < values.length ? [s, bend(s)] : []));
      }
    };

    return () => {
      const d = DIMS[chosen.value];
      const free = minimumNorm(draw.value, noisy.value);
      const held = ridged(draw.value, noisy.value, DIMS.map((own) => penaltyAt(own / POINTS)));
      const values = singularValues(features(data(draw.value), d));
      drawRisks(free, held);
      drawSpectrum(values, penaltyAt(d / POINTS));
      ui.say(
        `Draw ${draw.value} of ${d} features on ${POINTS} points, noise ${tidy(noisy.value)}: the minimum norm ` +
          `risks ${short(free[chosen.value])} (${short(mean(d))} on average), ridge with ${times(strength.value)} ` +
          `times the best penalty ${short(held[chosen.value])} (limit ${short(limit(d / POINTS))}). The smallest ` +
          `singular value is ${short(values.at(-1))}.`,
      );
    };
  });
}
