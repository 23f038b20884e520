/** One Socket.IO connection for the page, and a mark that says whether it is there. */

import { io } from "../../vendor/socket.io-client-4.8.4/socket.io.esm.min.js";
import { bearer, onSessionChange } from "./session.js";

/** @type {import("socket.io-client").Socket | null} */
let socket = null;

/** The connection; it is made with the first call, and made anew when somebody signs in or out. */
export function connection() {
  if (socket) return socket;
  const made = io({
    // Several processes behind one port do without long polling.
    transports: ["websocket"],
    auth: (give) => give(bearer() ? { token: bearer() } : {}),
  });
  onSessionChange(() => made.disconnect().connect());
  socket = made;
  return made;
}

/**
 * Ask and wait for the answer.
 * @param {string} event such as `subscribe`
 * @param {Record<string, unknown>} body
 * @returns {Promise<any>} what is acknowledged; `ok` false when it was refused
 */
export async function ask(event, body) {
  return connection().timeout(10_000).emitWithAck(event, body);
}

/**
 * Do something now, if connected, and after each time the connection comes back: rooms are joined anew then.
 * @param {() => void} join
 * @returns {() => void} ends it
 */
export function onConnected(join) {
  const there = connection();
  there.on("connect", join);
  if (there.connected) join();
  return () => there.off("connect", join);
}

/**
 * Let an element say "Live", "Connecting" or "Offline".
 * @param {HTMLElement} mark
 */
export function showConnection(mark) {
  const there = connection();
  const show = (text, kind) => {
    mark.className = `mark ${kind}`;
    mark.replaceChildren(Object.assign(document.createElement("span"), { className: "dot" }), text);
  };
  show(there.connected ? "Live" : "Connecting", there.connected ? "good" : "");
  there.on("connect", () => show("Live", "good"));
  there.on("disconnect", () => show("Connecting", ""));
  there.on("connect_error", () => show("Offline", "warn"));
}
