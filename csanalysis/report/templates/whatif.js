// Moves between computed points. Reads numbers and texts from attributes, writes text only, asks for nothing.
"use strict";
for (const section of document.querySelectorAll("[data-whatif]")) {
  const sliders = JSON.parse(section.getAttribute("data-whatif"));
  const inputs = [...section.querySelectorAll("input")];
  const cells = [...section.querySelectorAll("td.moved")];
  const head = section.querySelector("th.moved");
  const reset = section.querySelector("button");
  const same = head.textContent;
  const stand = (n, position) => {
    const point = sliders[n].s[position];
    const row = inputs[n].closest(".slider");
    inputs[n].value = position;
    inputs[n].setAttribute("aria-valuetext", point.v);
    row.querySelector("output").textContent = point.v;
    row.classList.toggle("off", position !== sliders[n].b);
    const mark = row.querySelector(".mark");
    if (point.p) {
      mark.setAttribute("cx", point.p[0]);
      mark.setAttribute("cy", point.p[1]);
    }
    mark.style.visibility = point.p ? "visible" : "hidden";
  };
  const move = (n) => {
    inputs.forEach((other, m) => { if (m !== n) stand(m, sliders[m].b); });
    const position = Number(inputs[n].value);
    const point = sliders[n].s[position];
    stand(n, position);
    cells.forEach((cell, c) => {
      cell.textContent = point.c[c];
      cell.classList.toggle("other", point.c[c] !== sliders[n].s[sliders[n].b].c[c]);
    });
    const label = section.querySelectorAll("label")[n].textContent;
    head.textContent = position === sliders[n].b ? same : label + ": " + point.v;
    section.querySelector(".fault").textContent = point.f;
    reset.disabled = position === sliders[n].b;
  };
  inputs.forEach((input, n) => {
    input.disabled = false;
    input.value = sliders[n].b;
    input.addEventListener("input", () => move(n));
  });
  reset.addEventListener("click", () => { inputs[0].value = sliders[0].b; move(0); inputs[0].focus(); });
  section.classList.add("live");
}
