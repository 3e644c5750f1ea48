// Before anything is drawn: as the person chose here, else as their system has it.
const chosen = localStorage.getItem("docs-theme");
const isDark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
document.documentElement.classList.toggle("dark-mode", isDark);

addEventListener("DOMContentLoaded", () => {
  const button = document.getElementById("theme");
  if (!button) return;
  const label = () => {
    button.textContent = document.documentElement.classList.contains("dark-mode") ? "Light" : "Dark";
  };
  button.addEventListener("click", () => {
    const dark = document.documentElement.classList.toggle("dark-mode");
    localStorage.setItem("docs-theme", dark ? "dark" : "light");
    label();
  });
  label();
});
