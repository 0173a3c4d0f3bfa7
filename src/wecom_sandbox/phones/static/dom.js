// Building pages: elements, icons, faces, times. Texts are always text nodes: nothing that people or apps wrote is read as HTML.
import { t, locale } from "./words.js";

export function h(tag, props = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const el = document.createElement(name || "div");
  if (classes.length) el.className = classes.join(" ");
  for (const [key, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) el.addEventListener(key.slice(2), value);
    else if (key === "data") Object.assign(el.dataset, value);
    else if (key in el && key !== "list") el[key] = value;
    else el.setAttribute(key, value === true ? "" : value);
  }
  return fill(el, false, ...children);
}

// Put children into an element, in place of the old ones unless `anew` is false; what is null is left out.
export function fill(el, anew, ...children) {
  if (anew) el.replaceChildren();
  el.append(...children.flat(3).filter((one) => one !== null && one !== undefined && one !== false));
  return el;
}

const PATHS = {
  chat: "M4 5h16v11H9l-5 4z", people: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c.5-4 3-6 6.5-6s6 2 6.5 6M16 4.5a3.5 3.5 0 0 1 0 6.5M18 14.5c2 .8 3.2 2.700 3.500 5.500",
  compass: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM15.500 8.500l-2 5-5 2 2-5z", me: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.500 20.500c.6-4 3.500-6 7.500-6s6.900 2 7.500 6",
  grid: "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z", scan: "M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M4 12h16",
  plus: "M12 5v14M5 12h14", back: "M15 5l-7 7 7 7", close: "M6 6l12 12M18 6L6 18", more: "M5 12h.01M12 12h.01M19 12h.01",
  moments: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 3v9M20 8l-8 4M19 17.500L12 12M7 19.500l5-7.500M3 11l9 1",
  heart: "M12 20s-7-4.500-8.500-9C2.500 7.500 5 5 7.500 5c2 0 3.500 1 4.500 3 1-2 2.500-3 4.500-3C19 5 21.500 7.500 20.500 11 19 15.500 12 20 12 20z",
  send: "M4 12l16-8-6 16-3-7z", picture: "M4 5h16v14H4zM4 16l5-5 4 4 3-2 4 4M15.500 9h.01", link: "M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6-.5l-3 3a4 4 0 0 0 6 6l1-1",
  task: "M5 4h14v16H5zM8.500 12l2.500 2.500 4.500-5", clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.500 2", bolt: "M13 3L5 13.500h6L10 21l8-10.500h-6z",
  wire: "M3 8h13l-3-3M21 16H8l3 3", outside: "M13 5h6v6M19 5l-8 8M17 14v5H5V7h5", side: "M4 5h16v14H4zM14 5v14", help: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM9.500 9.500c.3-1.600 1.300-2.300 2.600-2.300 1.500 0 2.600.9 2.600 2.300 0 2-2.700 2-2.700 4M12 16.800h.01",
  tag: "M4 4h8l8 8-8 8-8-8zM8.500 8.500h.01", leave: "M14 4H5v16h9M10 12h11M17 8l4 4-4 4", edit: "M4 20h4L19 9l-4-4L4 16z", search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l4.500 4.500", group: "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM16.500 11a2.500 2.500 0 1 0 0-5M2.500 19c.4-3.500 2.500-5 5.500-5s5 1.500 5.500 5M16 14c3 0 4.900 1.600 5.300 4.500",
};

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

const HUES = [158, 204, 24, 268, 340, 96, 46, 186, 300, 8];

// A face is the last character of a Chinese name (the first before a title), or the first of another, on a colour of its own.
export function face(name, small = false) {
  const text = (name ?? "").trim() || "?";
  const titled = /(?:小姐|先生|女士|阿姨|大姐|同学)$/.test(text);
  const letter = /[\u4e00-\u9fff]/.test(text) && !titled ? ([...text.replace(/[（(].*$/, "")].at(-1) ?? "?") : [...text][0].toUpperCase();
  const el = h(small ? "span.face.face-small" : "span.face", { "aria-hidden": "true" }, letter);
  const sum = [...text].reduce((a, c) => a + c.codePointAt(0), 0);
  el.style.setProperty("--hue", HUES[sum % HUES.length]);
  return el;
}

export function button(label, onclick, kind = "") {
  return h(`button.btn${kind ? "." + kind : ""}`, { type: "button", onclick }, label);
}

export function iconButton(name, label, onclick) {
  return h("button.icon-btn", { type: "button", onclick, title: label, "aria-label": label }, icon(name));
}

const zone = "Asia/Shanghai";

export function clockTime(at) {
  return new Intl.DateTimeFormat(locale(), { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at * 1000);
}

export function day(at) {
  return new Intl.DateTimeFormat(locale(), { timeZone: zone, year: "numeric", month: "numeric", day: "numeric", weekday: "short" }).format(at * 1000);
}

// As chat lists say it: the time today, else the day.
export function when(at, now) {
  if (!at) return "";
  const key = (moment) => new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(moment * 1000);
  if (key(at) === key(now)) return clockTime(at);
  if (key(at) === key(now - 86400)) return t("昨天");
  return new Intl.DateTimeFormat(locale(), { timeZone: zone, month: "numeric", day: "numeric" }).format(at * 1000);
}
