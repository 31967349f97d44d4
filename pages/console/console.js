"use strict";
/* What is typed into a form is kept until the form was taken: a session that ends loses nothing. */
(() => {
  const forms = document.querySelectorAll("form[data-keep]");
  const place = (form) => `kept:${form.dataset.keep}`;
  const taken = document.querySelector("[data-taken]");
  if (taken) sessionStorage.removeItem(`kept:${taken.dataset.taken}`);
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
