// The map of theorems: its neighbours light up, and the list opens where the drawing has no room.
"use strict";
{
  // On the map, a box under the pointer or in focus lights up what it rests on and what rests on it.
  function connect(map) {
    const arrows = [...map.querySelectorAll(".arrow")];
    const boxes = [...map.querySelectorAll(".box")];
    function light(label) {
      map.classList.toggle("lit", Boolean(label));
      const near = new Set([label]);
      for (const arrow of arrows) {
        const { from, to } = arrow.dataset, lit = from === label || to === label;
        arrow.classList.toggle("near", lit);
        if (lit) near.add(from).add(to);
      }
      for (const box of boxes) box.classList.toggle("near", near.has(box.dataset.label));
    }
    for (const box of boxes) {
      const { label } = box.dataset;
      for (const on of ["pointerenter", "focus"]) box.addEventListener(on, () => light(label));
      for (const off of ["pointerleave", "blur"]) box.addEventListener(off, () => light(null));
    }
  }

  document.querySelectorAll(".theorem-map").forEach(connect);
  const narrow = matchMedia("(max-width: 700px)");
  document.querySelectorAll(".theorem-list").forEach((list) => { list.open = narrow.matches; });
}
