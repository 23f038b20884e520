/** A dialog with a title, some content, and a button to close it. */

import { element } from "./elements.js";

/**
 * Open one; it is gone from the page when it is closed.
 * @param {string} title
 * @param {...(Node | string | null | false)} content
 * @returns {{dialog: HTMLDialogElement, body: HTMLElement}}
 */
export function openDialog(title, ...content) {
  const id = `dialog-${Date.now()}`;
  const body = element("div.stack", {}, ...content);
  const close = element("button.button.quiet", { type: "button", onclick: () => dialog.close() }, "Close");
  const head = element("div.row.spread", {}, element("h2", { id }, title), close);
  const dialog = /** @type {HTMLDialogElement} */ (element("dialog.wide", { "aria-labelledby": id }, element("div.stack", {}, head, body)));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return { dialog, body };
}

/**
 * Ask before something is done, and show what came of it in the same place.
 * @param {{title: string, text: string, verb: string, danger?: boolean, act: () => Promise<Node | string | null>}} question
 *   `act` gives what is to be shown afterwards, or null to close at once
 */
export function confirm({ title, text, verb, danger = false, act }) {
  const result = element("div", { role: "status" });
  const button = element(`button.button.${danger ? "danger" : "primary"}`, { type: "button", onclick: run }, verb);
  const { dialog } = openDialog(title, element("p", {}, text), result, element("div.row", {}, button));
  async function run() {
    button.setAttribute("disabled", "");
    result.replaceChildren(element("p.soft", {}, "Working …"));
    try {
      const shown = await act();
      if (shown === null) return dialog.close();
      result.replaceChildren(shown);
      button.remove();
    } catch (error) {
      result.replaceChildren(element("p.bad-text", {}, error.message));
      button.removeAttribute("disabled");
    }
  }
}
