// The stage: which phones lie on it, kept in the address so that a reload finds them again, and what keeps them alive.
import { get, setClock, toast, world } from "./api.js";
import { drawBar, tick } from "./bar.js";
import { fill, h } from "./dom.js";
import { drawPeople } from "./people.js";
import { Phone } from "./phone.js";
import { drawTour } from "./tour.js";
import { drawEars, drawWire, heard } from "./wire.js";
import { setLanguage, t, language } from "./words.js";

export const phones = [];
const stage = document.getElementById("stage");
const row = h("div.row", { tabIndex: -1 });
const chips = h("nav.chips", { "aria-label": "phones" });
let live = null;
let wanted = "";

// The address: #corp=…&lang=en&p=c.<external_userid>&p=n.<unionid>.<name>&p=s.<userid>
function readAddress() {
  const asked = new URLSearchParams(location.hash.slice(1));
  return { corp: asked.get("corp"), lang: asked.get("lang"), phones: asked.getAll("p").map(parse).filter(Boolean) };
}

function parse(text) {
  const [kind, id, name] = text.split("~");
  return id && ["c", "n", "s"].includes(kind) ? { kind: kind === "s" ? "staff" : "customer", id, name: name ?? "", fresh: kind === "n" } : null;
}

export function keepAddress() {
  const said = new URLSearchParams();
  if (world.corp) said.set("corp", world.corp.corp_id);
  if (language() !== "zh") said.set("lang", language());
  for (const one of phones) {
    const fresh = one.kind === "customer" && !one.data?.known;
    said.append("p", one.kind === "staff" ? `s~${one.id}` : fresh ? `n~${one.id}~${one.name}` : `c~${one.id}`);
  }
  history.replaceState(null, "", "#" + said);
}

export function give(kind, id, { name = "", fresh = false } = {}) {
  const old = phones.find((one) => one.kind === kind && (one.id === id || one.data?.id === id));
  if (old) {
    show(old);
    return old;
  }
  const phone = new Phone(kind, id, { name, fresh });
  phone.onclose = () => {
    phones.splice(phones.indexOf(phone), 1);
    arrange();
  };
  phones.push(phone);
  arrange();
  phone.refresh().then(() => keepAddress());
  show(phone);
  return phone;
}

export function show(phone) {
  document.body.dataset.sheet = "";
  phone.el.scrollIntoView({ behavior: "smooth", inline: "center", block: "nearest" });
  phone.el.classList.remove("nudge");
  requestAnimationFrame(() => phone.el.classList.add("nudge"));
}

export function arrange() {
  for (const one of [...row.children]) if (!phones.some((phone) => phone.el === one)) one.remove();
  for (const phone of phones) if (phone.el.parentNode !== row) row.append(phone.el);
  drawChips();
  document.body.classList.toggle("no-phones", phones.length === 0);
  drawTour();
  keepAddress();
}

// On a narrow screen one phone fills the stage; the chips say which there are, and which one it is.
export function drawChips() {
  const middle = row.scrollLeft + row.clientWidth / 2;
  const here = phones.find(({ el }) => el.offsetLeft <= middle && el.offsetLeft + el.offsetWidth > middle);
  fill(chips, true, phones.map((phone) => h(`button.chip.chip-${phone.kind}`, { type: "button", "aria-current": phone === here ? "true" : null, onclick: () => show(phone) }, phone.name || "…")));
}

export async function loadStage(q = wanted) {
  wanted = q;
  const found = await get("stage", { q });
  Object.assign(world, found);
  setClock(found.clock.now);
  // What happened before somebody looked on is told as far as it is short.
  if (live === null) live = Math.max(0, found.clock.n - 40);
  drawBar();
  drawPeople(wanted);
  drawTour();
  drawEars();
}

export async function chooseCorp(corpId) {
  for (const one of [...phones]) one.close();
  world.corp = { corp_id: corpId };
  await loadStage("");
  keepAddress();
}

export function redraw() {
  document.documentElement.lang = language() === "zh" ? "zh-CN" : "en";
  drawBar();
  drawPeople(wanted);
  drawWire();
  drawTour();
  for (const phone of phones) phone.draw();
  keepAddress();
}

// What happened since; a picture of it all is asked for at most once in a while, however fast the world goes.
let due = false;
let lastLook = 0;

async function look() {
  due = false;
  lastLook = performance.now();
  await Promise.all(phones.map((phone) => phone.refresh()));
  await loadStage();
}

function lookSoon() {
  if (due) return;
  due = true;
  setTimeout(() => look().catch(() => {}), Math.max(80, 700 - (performance.now() - lastLook)));
}

async function listen() {
  for (;;) {
    try {
      const answer = await (await fetch(`/phones/live?after=${live ?? ""}`)).json();
      document.body.classList.remove("away");
      setClock(answer.now);
      const before = live;
      live = answer.n;
      if (answer.entries.length || (before !== null && answer.n < before)) {
        heard(answer.entries, before === null ? 0 : answer.missed);
        lookSoon();
      }
    } catch {
      document.body.classList.add("away");
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

async function begin() {
  const asked = readAddress();
  setLanguage(asked.lang ?? localStorage.getItem("phones.lang") ?? "zh");
  if (asked.corp) world.corp = { corp_id: asked.corp };
  stage.append(chips, h("div.tour", { id: "tour" }), row);
  await loadStage("");
  for (const one of asked.phones) give(one.kind, one.id, one);
  redraw();
  arrange();
  setInterval(tick, 1000);
  row.addEventListener("scroll", drawChips, { passive: true });
  listen();
}

window.addEventListener("hashchange", () => location.reload());
begin().catch((error) => toast(t("打不开：{why}", { why: error.message }), true));
