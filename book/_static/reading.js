// Formulas after the rest, previews of what a link points to, scroll stops for wide formulas, downloads, code, paper.

const load = (src) =>
  new Promise((onload) => document.head.append(Object.assign(document.createElement("script"), { src, onload })));

// Loading MathJax and typesetting a chapter takes a second or more; what can be read and moved before does not wait.
// A page without formulas loads it when a preview has one.
const mathjax = document.querySelector("script[type='text/later']"); // in _config.yml
let formulas = null;
const typesetter = () => (formulas ??= load(mathjax.src).then(() => window.MathJax.startup?.promise));
document.addEventListener("DOMContentLoaded", () => document.querySelector("article .math") && typesetter());

const tip = document.createElement("div");
tip.id = "preview";
tip.className = "preview mathjax_ignore";
tip.role = "tooltip";
tip.hidden = true;

const statics = document.currentScript.src;
let previews = null; // loaded when the first is asked for
let described = null; // the link whose preview is shown, or on its way
let timer = 0;

const page = (link) => link.pathname.split("/").pop().replace(/\.html$/, "");

async function preview(link) {
  await (previews ??= load(new URL("previews.js", statics)));
  return window.previews[page(link) + decodeURIComponent(link.hash)];
}

function place() {
  const { left, top, bottom } = described.getBoundingClientRect();
  const { clientWidth, clientHeight } = document.documentElement;
  const below = clientHeight - bottom;
  const above = below < top && below < tip.scrollHeight;
  tip.style.maxHeight = `${(above ? top : below) - 8}px`;
  tip.style.left = `${scrollX + Math.max(8, Math.min(left, clientWidth - tip.offsetWidth - 8))}px`;
  tip.style.top = `${scrollY + (above ? top - tip.offsetHeight : bottom)}px`;
}

async function show(link) {
  clearTimeout(timer);
  if (link === described) return;
  hide();
  described = link;
  const shown = link.dataset.citation ?? (await preview(link));
  if (described !== link || !shown) return;
  tip[link.dataset.citation ? "textContent" : "innerHTML"] = shown;
  tip.hidden = false;
  link.setAttribute("aria-describedby", tip.id);
  place();
  if (!tip.querySelector(".math")) return;
  await typesetter();
  await window.MathJax.typesetPromise?.([tip]);
  if (described === link) place();
}

function hide() {
  clearTimeout(timer);
  if (!described) return;
  described.removeAttribute("aria-describedby");
  described = null;
  tip.hidden = true;
  window.MathJax?.typesetClear?.([tip]);
}

const later = (action, delay) => () => {
  clearTimeout(timer);
  timer = setTimeout(action, delay);
};

function attach(link) {
  link.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && later(() => show(link), 200)());
  link.addEventListener("pointerleave", later(hide, 200)); // time to move into the preview
  link.addEventListener("focus", () => link.matches(":focus-visible") && show(link));
  link.addEventListener("blur", hide);
}

document.body.append(tip);
tip.addEventListener("pointerenter", () => clearTimeout(timer));
tip.addEventListener("pointerleave", later(hide, 200));
addEventListener("keydown", (event) => event.key === "Escape" && hide());

for (const link of document.querySelectorAll("article .bibtex-citation a[title]")) {
  link.dataset.citation = link.title;
  link.removeAttribute("title"); // or the browser's own tooltip would cover the preview
  attach(link);
}
document.querySelectorAll("article a[href*='#']:not(.headerlink, svg a)").forEach(attach);

// The theme's switches in the sidebar have no name.
for (const toggle of document.querySelectorAll(".bd-sidebar-primary summary")) {
  toggle.setAttribute("aria-label", `Pages of ${toggle.closest("li").querySelector("a").textContent.trim()}`);
}

// What scrolls can be scrolled with the keyboard; the rest are no tab stops.
const wide = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});
const inTheLine = () => document.querySelectorAll("article mjx-container:not([display])");
// A formula in the text that is wider than the text is set in a line of its own, and scrolls.
function setApart() {
  for (const formula of inTheLine()) formula.classList.remove("apart");
  const cut = (formula) =>
    formula.getBoundingClientRect().right > formula.closest("p, li, td, dd, div").getBoundingClientRect().right + 1;
  for (const formula of [...inTheLine()].filter(cut)) {
    formula.classList.add("apart");
    wide.observe(formula);
  }
}
addEventListener("load", () =>
  formulas?.then(() => {
    for (const formula of document.querySelectorAll("mjx-container[display]")) wide.observe(formula);
    new ResizeObserver(setApart).observe(document.querySelector("article"));
  }),
);

// On a phone a figure scrolls, so that its letters, 14.7 px high where it is drawn, keep 10.
for (const image of document.querySelectorAll("article figure:not(.living) img")) {
  const keep = () => (image.style.minWidth = `${Math.ceil((10.1 / 14.7) * image.naturalWidth)}px`);
  if (image.complete) keep();
  else image.addEventListener("load", keep);
  wide.observe(image.closest("figure"));
}

for (const link of document.querySelectorAll(".btn-download-source-button")) link.download = ""; // not shown as text

// One switch opens or shuts all code of a page; the other pages follow it.
const folds = [...document.querySelectorAll("details.hide")];
if (folds.length) {
  const button = document.createElement("button");
  button.className = "all-code";
  button.textContent = "Show all code";
  const set = (shown) => {
    button.ariaPressed = String(shown);
    for (const fold of folds) fold.open = shown;
  };
  set(localStorage.getItem("all code") === "true");
  button.addEventListener("click", () => {
    set(button.ariaPressed === "false");
    localStorage.setItem("all code", button.ariaPressed);
  });
  document.querySelector("article h1").after(button);
}

// On paper code that folds stands at the end, numbered where it was left out: at the page's, or in the appendix for its
// article in the whole book (pdf.py).
function codeAtTheEnd() {
  const added = [];
  const make = (tag, properties, ...children) => {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...children);
    return node;
  };
  for (const article of document.querySelectorAll("article:has(details.hide:not([open]))")) {
    let end = document.querySelector(`[data-code-of="${article.id}"]`);
    if (!end) article.append((end = make("section", {}, make("h2", {}, "Code"))));
    const listing = make("div", { className: "listing" });
    end.append(listing);
    added.push(end.dataset.codeOf ? listing : end);
    for (const fold of article.querySelectorAll("details.hide:not([open])")) {
      const number = document.querySelectorAll(".left-out").length + 1;
      const words = fold.querySelector("summary p").textContent.trim().replace("Code", `Code ${number}`);
      const link = (where) => make("a", { href: `#code-${number}${where}` }, words);
      const place = make("p", { className: "left-out", id: `code-${number}-left-out` }, link(""));
      fold.before(place);
      added.push(place);
      listing.append(make("p", { id: `code-${number}` }, link("-left-out")));
      listing.append(...[...fold.querySelectorAll("div.highlight")].map((code) => code.cloneNode(true)));
    }
  }
  for (const twice of document.querySelectorAll(".listing .highlight [id]")) twice.removeAttribute("id");
  return added;
}

// And everything else is unfolded, dark on light.
let restore = () => {};
addEventListener("beforeprint", () => {
  const { dataset } = document.documentElement;
  const { theme } = dataset;
  const folded = [...document.querySelectorAll("article details:not([open], .hide)")];
  const set = (scheme, open) => {
    dataset.theme = scheme;
    for (const details of folded) details.open = open;
  };
  set("light", true);
  const added = codeAtTheEnd();
  restore = () => {
    set(theme, false);
    for (const node of added) node.remove();
  };
});
addEventListener("afterprint", () => restore());
