// Makes pages a little quicker to use. Without it everything still works.
"use strict";

// Copies what is shown once.
for (const secret of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "second copy";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(secret.textContent);
    button.textContent = "Copied";
  });
  secret.after(button);
}

// What makes something is sent once, however often one clicks.
for (const form of document.querySelectorAll("form[data-once]")) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = event.submitter?.value !== "preview";
  });
}
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

// "/" leads to the search, as in many places.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const search = document.querySelector("input[type=search]");
    if (search) {
      event.preventDefault();
      search.focus();
    }
  }
  if (event.key === "Escape") closeMenus(null);
});

// A menu closes when one looks elsewhere.
const closeMenus = (but) => {
  for (const menu of document.querySelectorAll(".top details[open]")) {
    if (menu !== but) menu.open = false;
  }
};
document.addEventListener("click", (event) => closeMenus(event.target.closest(".top details")));

// Who has chosen no clock yet is offered that of the browser.
for (const field of document.querySelectorAll("[data-zone]")) {
  if (!field.value) field.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
}

// One box ticks all rows.
for (const all of document.querySelectorAll("[data-all]")) {
  (all.closest("label") ?? all).hidden = false;
  all.addEventListener("change", () => {
    for (const box of document.querySelectorAll(`input[name="${all.dataset.all}"]`)) {
      box.checked = all.checked;
    }
  });
}
