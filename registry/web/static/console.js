// What makes the console more pleasant where scripts run. Every page works without it.
"use strict";

// Of the open menus only one stays open; a click elsewhere or Escape closes it.
const menus = () => document.querySelectorAll("details.menu[open]");

document.addEventListener("click", (event) => {
  for (const menu of menus()) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// A form is sent once, however often its button is pressed (unless the answer opens beside it). Where the answer is a
// file, the page stays: after a while it can be sent again.
const AGAIN = 2000;
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.submitter?.formTarget === "_blank") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, AGAIN);
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// What is shown once can be copied with one press.
for (const box of document.querySelectorAll("[data-copy]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-sm btn-secondary";
  button.textContent = box.dataset.copy;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(box.textContent.trim());
    button.textContent = box.dataset.copied;
  });
  box.after(button);
}

// A run, or a look at an endpoint, that is under way tells how far it has come, until it has ended.
for (const box of document.querySelectorAll("[data-progress]")) {
  const text = box.querySelector("[data-progress-text]");
  let pause = 400; // most looks are short; whoever waits longer is asked for less often
  const look = async () => {
    const answer = await fetch(box.dataset.progress);
    if (!answer.ok) return;
    const now = await answer.json();
    if (now.ended) {
      location.reload();
      return;
    }
    text.textContent = now.received === undefined ? now.label : `${now.label}, ${now.received.toLocaleString()}`;
    pause = Math.min(2 * pause, 4000);
    setTimeout(look, pause);
  };
  setTimeout(look, pause);
}
