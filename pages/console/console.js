"use strict";
/* What is typed into a form is kept until the form was taken: a session that ends loses nothing. */
(() => {
  const forms = document.querySelectorAll("form[data-keep]");
  const place = (form) => `kept:${form.dataset.keep}`;
  for (const one of document.querySelectorAll("[data-taken]")) {
    sessionStorage.removeItem(`kept:${one.dataset.taken}`);
    setTimeout(() => one.remove(), 1000 * one.dataset.seconds);
  }
  for (const form of forms) {
    const fields = [...form.elements].filter((one) => one.name && one.type !== "hidden");
    const kept = JSON.parse(sessionStorage.getItem(place(form)) || "{}");
    for (const one of fields) {
      const key = one.type === "checkbox" || one.type === "radio" ? `${one.name}=${one.value}` : one.name;
      if (key in kept) typeof kept[key] === "boolean" ? (one.checked = kept[key]) : (one.value = kept[key]);
    }
    const keep = () => {
      const now = {};
      for (const one of fields) {
        if (one.type === "checkbox" || one.type === "radio") now[`${one.name}=${one.value}`] = one.checked;
        else now[one.name] = one.value;
      }
      sessionStorage.setItem(place(form), JSON.stringify(now));
    };
    form.addEventListener("input", keep);
    form.addEventListener("change", keep);
  }
})();

/* Keys. None is taken while somebody writes, but for those that end it. */
(() => {
  const keys = document.querySelector("[data-keys]");
  document.querySelector("[data-help]")?.addEventListener("click", () => keys.showModal());
  const rows = [...document.querySelectorAll("[data-row]")];
  const link = (row) => row.querySelector("a");
  const move = (by) => {
    const here = rows.findIndex((row) => row.contains(document.activeElement));
    const to = here < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(Math.max(here + by, 0), rows.length - 1);
    if (rows.length) link(rows[to]).focus();
  };
  const writes = (one) => one.matches("textarea, select, input:not([type=checkbox], [type=radio])");
  document.addEventListener("keydown", (event) => {
    const at = document.activeElement;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const submit = document.querySelector("[data-submit]");
      if (submit) { event.preventDefault(); submit.form.requestSubmit(submit); }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || keys?.open) return;
    if (writes(at)) { if (event.key === "Escape") at.blur(); return; }
    if (event.key === "?") keys?.showModal();
    else if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.key === "x") rows.find((row) => row.contains(at))?.querySelector("input")?.click();
    else {
      const wanted = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === event.key);
      if (!wanted || (event.key === "Enter" && at !== document.body)) return;
      if (writes(wanted)) wanted.focus(); else wanted.click();
    }
    event.preventDefault();
  });
})();

/* What the uploader would be told follows what is chosen. */
(() => {
  const form = document.querySelector("[data-statement]");
  const told = form?.querySelector("[data-told]");
  if (!told) return;
  const asked = async () => {
    const chosen = [...form.elements].filter((one) => one.name === "action" && one.checked);
    const query = new URLSearchParams(chosen.map((one) => ["action", one.value]));
    query.set("language", form.querySelector("[data-spoken]").value);
    const answer = await fetch(`${form.dataset.statement}?${query}`);
    if (answer.ok && !answer.redirected) {
      const read = new DOMParser().parseFromString(await answer.text(), "text/html");
      told.replaceChildren(...read.body.childNodes);
    }
  };
  form.addEventListener("change", (event) => {
    if (event.target.name === "action" || "spoken" in event.target.dataset) asked();
  });
})();

/* The heat map stands in the place of the picture, and goes again. */
(() => {
  const link = document.querySelector("[data-heat]");
  const figure = document.querySelector(".shown");
  if (!link || !figure) return;
  let map = null;
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (!map) {
      map = document.createElement("figure");
      map.className = "shown";
      map.hidden = true;
      const image = new Image();
      image.alt = link.firstChild.textContent.trim();
      image.onerror = () => { location = link.href; };
      image.src = link.href;
      map.append(image);
      figure.after(map);
    }
    map.hidden = !map.hidden;
    figure.hidden = !map.hidden;
  });
})();

/* A picture whose file is not at hand any more leaves no gap. */
for (const figure of document.querySelectorAll("[data-maybe]")) {
  const image = figure.querySelector("img");
  const gone = () => { figure.hidden = true; };
  image.addEventListener("error", gone);
  if (image.complete && !image.naturalWidth) gone();
}
