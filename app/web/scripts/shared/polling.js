/** Does something every few seconds while somebody looks at the page. */

/**
 * Run now and then again and again; rests while the page is hidden, and waits longer after each failure.
 * @param {() => Promise<unknown>} act
 * @param {number} seconds between an end and the next beginning
 * @returns {() => void} ends it
 */
export function every(seconds, act) {
  let timer = 0;
  let failures = 0;
  let isOver = false;
  let isRunning = false;
  async function run() {
    if (isOver || isRunning || document.hidden) return;
    clearTimeout(timer);
    isRunning = true;
    failures = await act().then(() => 0, () => failures + 1);
    isRunning = false;
    if (!isOver) timer = setTimeout(run, 1000 * seconds * Math.min(8, 2 ** failures));
  }
  document.addEventListener("visibilitychange", run);
  run();
  return () => {
    isOver = true;
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", run);
  };
}
