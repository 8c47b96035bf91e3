// needs numerics.js
// Numbers in words: six digits at most, a minus sign, and powers of ten where there would be many zeros.
"use strict";
{
  const SUPERSCRIPTS = { ...Array.from("⁰¹²³⁴⁵⁶⁷⁸⁹"), "-": "⁻" };
  const [SMALL, LARGE] = [1e-4, 1e7];

  const raised = (power) => Array.from(String(Number(power)), (sign) => SUPERSCRIPTS[sign]).join("");

  const tidy = (v) => {
    const rounded = Number(v.toPrecision(6));
    const size = Math.abs(rounded);
    const plain = size === 0 || (size >= SMALL && size < LARGE) || !Number.isFinite(size);
    if (plain) return String(rounded).replace("-", "−");
    const [digits, power] = rounded.toExponential().split("e");
    return `${digits}·10${raised(power)}`.replace("-", "−").replace(/^(−?)1·/, "$1");
  };

  /** Words cut where an exponent begins and where it ends. */
  const cutExponents = (words) => words.split(/([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)/);

  Object.assign(ibnotes, { cutExponents, tidy });
}
