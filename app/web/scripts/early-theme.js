// Before the first paint: the colours that were chosen on an earlier visit. Not a module, because those run after it.
try {
  const chosen = localStorage.getItem("playledger.theme");
  if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
} catch {
  // Without storage the system decides.
}
