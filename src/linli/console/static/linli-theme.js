// Runs before the first paint, so that a dark page never flashes white.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const chosen = localStorage.getItem("linli-theme");
    root.dataset.bsTheme = chosen || (system.matches ? "dark" : "light");
    document.dispatchEvent(new CustomEvent("linli:theme"));
  };
  apply();
  system.addEventListener("change", apply);
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-switch]")) return;
    localStorage.setItem("linli-theme", root.dataset.bsTheme === "dark" ? "light" : "dark");
    apply();
  });
})();
