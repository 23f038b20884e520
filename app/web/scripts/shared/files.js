/** Saves what the service sends as a file, with the token that a plain link could not carry. */

import { ApiError } from "./api.js";
import { bearer } from "./session.js";

/**
 * Fetch and save; the service names the file.
 * @param {string} path
 * @throws {ApiError}
 */
export async function save(path) {
  const token = bearer();
  const answer = await fetch(path, { headers: token ? { Authorization: `Bearer ${token}` } : {} });
  if (!answer.ok) throw new ApiError(answer.status, await answer.json().catch(() => null));
  const address = URL.createObjectURL(await answer.blob());
  const link = Object.assign(document.createElement("a"), { href: address, download: nameOf(answer) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

function nameOf(answer) {
  return /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1] ?? "export.csv";
}

/**
 * A button that saves, and says so when it cannot.
 * @param {HTMLButtonElement} button
 * @param {() => string} path
 */
export function savesOnClick(button, path) {
  const text = button.textContent;
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await save(path());
      button.textContent = text;
    } catch (error) {
      button.textContent = "Failed, try again";
      button.title = error.message;
    } finally {
      button.disabled = false;
    }
  });
}
