const MARK = "https://cdn.redoc.ly/";
const dark = document.documentElement.classList.contains("dark-mode");
const font = "system-ui, sans-serif";
const text = dark ? "#e6e9ef" : "#1d2330";
const ground = dark ? "#14181f" : "#ffffff";

// Its mark would come from its maker's host; nothing here asks another one.
const setAttribute = Element.prototype.setAttribute;
Element.prototype.setAttribute = function (name, value) {
  if (!String(value).startsWith(MARK)) setAttribute.call(this, name, value);
};
const source = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, "src");
Object.defineProperty(HTMLImageElement.prototype, "src", {
  ...source,
  set(value) {
    if (!String(value).startsWith(MARK)) source.set.call(this, value);
  },
});

Redoc.init(
  "/openapi.json",
  {
    schemaDefinitionsTagName: "Schemas",
    schemasExpansionLevel: 1,
    hideDownloadButtons: true,
    theme: {
      colors: { text: { primary: text, secondary: dark ? "#aab3c2" : "#535c6b" }, primary: { main: dark ? "#7fb0ff" : "#1d5fd0" } },
      schema: { nestedBackground: dark ? "#1b212b" : "#f7f8fa", typeNameColor: text, typeTitleColor: text },
      sidebar: { backgroundColor: dark ? "#1b212b" : "#f7f8fa", textColor: text },
      typography: { fontFamily: font, headings: { fontFamily: font } },
    },
  },
  document.getElementById("redoc"),
);
document.body.style.background = ground;
