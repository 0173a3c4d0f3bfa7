// The page's words. They are written in Chinese where they are used; english.js has each of them in English.
import { ENGLISH } from "./english.js";

let spoken = "zh";

export const language = () => spoken;
export const locale = () => (spoken === "zh" ? "zh-CN" : "en-GB");

export function setLanguage(wanted) {
  spoken = wanted === "en" ? "en" : "zh";
}

// A sentence in the language of the page, its {names} filled in.
export function t(words, values = {}) {
  const said = spoken === "en" ? (ENGLISH[words] ?? words) : words;
  return said.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}
