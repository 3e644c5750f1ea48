"use strict";

/* The theme's pages under a Content-Security-Policy that evaluates no text: Alpine's build for that (in the place of
 * the theme's own) reads simple expressions by itself, which all of the theme's are but those that are replaced here. */

htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;

const REPLACED = {
  "x-bind:style": { "'width: ' + changeListWidth + 'px'": "{ width: changeListWidth + 'px' }" },
};
const SIDEBAR = "sidebarDesktopOpen";

/* What the body's x-data and x-init say in the theme, which take arrow functions and the names of the window. */
function page(activeTab) {
  return {
    activeTab: getCurrentTab() || activeTab,
    sidebarMobileOpen: false,
    sidebarDesktopOpen: localStorage.getItem(SIDEBAR) !== "0",
    init() {
      this.$watch(SIDEBAR, (value) => localStorage.setItem(SIDEBAR, value ? "1" : "0"));
    },
    toggleSidebar() {
      this.sidebarDesktopOpen = !this.sidebarDesktopOpen;
    },
    formAction() {
      const { pathname, search } = window.location;
      const tab = this.activeTab && this.activeTab !== "general" ? `#${this.activeTab}` : "";
      return pathname + search + tab;
    },
  };
}

function replaceExpressions() {
  const body = document.body;
  const tab = /activeTab: '([^']*)'/.exec(body.getAttribute("x-data") ?? "");
  Alpine.data("page", () => page(tab ? tab[1] : ""));
  body.setAttribute("x-data", "page");
  body.removeAttribute("x-init");
  for (const form of document.querySelectorAll("form[x-bind\\:action]")) {
    form.setAttribute("x-bind:action", "formAction()");
  }
  for (const toggle of document.querySelectorAll("[x-on\\:click*='localStorage']")) {
    toggle.setAttribute("x-on:click", "toggleSidebar()");
  }
  for (const [name, expressions] of Object.entries(REPLACED)) {
    for (const element of document.querySelectorAll(`[${CSS.escape(name)}]`)) {
      const said = element.getAttribute(name);
      element.setAttribute(name, expressions[said] ?? said);
    }
  }
}

/* Regions as a screen reader knows them, each with a name of its own. */
function nameRegions() {
  const main = document.getElementById("main") ?? document.querySelector("#page > div");
  main.setAttribute("role", "main");
  for (const [selector, name] of Object.entries({ "#nav-sidebar-apps": "Lists", "#main [data-simplebar]": "Rows" })) {
    document.querySelectorAll(selector).forEach((region, index) => {
      region.setAttribute("data-simplebar-aria-label", index ? `${name} ${index + 1}` : name);
    });
  }
}

/* What is clicked can be reached and pressed by keyboard, and says what it is. */
const NAMES = { dock_to_right: "Show or hide the navigation", close: "Close" };

function makeButtons() {
  for (const element of document.querySelectorAll("a[x-on\\:click]:not([href]), span[x-on\\:click], div.cursor-pointer[x-on\\:click]")) {
    element.setAttribute("role", "button");
    element.setAttribute("tabindex", "0");
    const name = NAMES[element.textContent.trim()];
    if (name) element.setAttribute("aria-label", name);
    element.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      element.click();
    });
  }
}

document.addEventListener("alpine:init", () => {
  for (const provider of [theme, searchForm]) Alpine.data(provider.name, provider);
  replaceExpressions();
  nameRegions();
  makeButtons();
});
