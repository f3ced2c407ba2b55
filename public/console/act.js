import { freshName, isUndecided } from "./model.js";
import { at, element } from "./parts.js";

/** Asks a person; true where it is meant. Another place of the page takes the question away. */
export function ask({ title, text, yes }, signal) {
  const dialog = at("ask");
  at("ask-title").textContent = title;
  at("ask-text").textContent = text;
  at("ask-yes").textContent = yes;
  dialog.returnValue = "";
  dialog.showModal();
  const close = () => dialog.close();
  signal.addEventListener("abort", close, { once: true });
  return new Promise((resolve) => {
    const finish = () => {
      signal.removeEventListener("abort", close);
      resolve(!signal.aborted && dialog.returnValue === "yes");
    };
    dialog.addEventListener("close", finish, { once: true });
  });
}

/** Its buttons are the page's own, and are told once what they do. */
export function readyAsk() {
  const dialog = at("ask");
  at("ask-yes").addEventListener("click", () => dialog.close("yes"));
  at("ask-no").addEventListener("click", () => dialog.close());
}

/**
 * What can be done with one thing: buttons, and behind them what came of it. An action is
 * `{name, path, question, done}`; once one was done there is no other.
 */
export function actionsOf(context, about, actions) {
  const { api, signal, announce } = context;
  const said = element("p", { class: "soft", tabindex: "-1" });
  let isBusy = false;

  function tell(text) {
    said.textContent = text;
    announce(`${about}: ${text}`);
  }

  async function act(action, made) {
    if (isBusy || !(await ask(action.question, signal))) return;
    isBusy = true;
    tell("Sending …");
    // Nobody knows of a write without an answer whether it was done: the same key does it once.
    made.key ??= freshName();
    const answer = await api.write(action.path, made.key);
    isBusy = false;
    if (!isUndecided(answer.status, answer.code)) made.key = undefined;
    tell(answer.ok ? action.done : answer.text);
    if (!answer.ok) return;
    for (const button of buttons) button.remove();
    said.focus();
  }

  const buttons = actions.map((action) => {
    const button = element(
      "button",
      { type: "button", "aria-label": `${action.name} ${about}` },
      action.name,
    );
    const made = {};
    button.addEventListener("click", () => void act(action, made));
    return button;
  });
  return element("div", { class: "actions" }, ...buttons, said);
}
