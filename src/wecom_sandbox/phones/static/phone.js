// One phone: its frame, the screens it has gone through, and what was half typed on it.
import { get, now } from "./api.js";
import * as clerk from "./clerk.js";
import * as customer from "./customer.js";
import { button, clockTime, h, iconButton } from "./dom.js";
import { drawChips, keepAddress } from "./main.js";
import { drawTour } from "./tour.js";
import { t } from "./words.js";

const SCREENS = { customer: customer.SCREENS, staff: clerk.SCREENS };

export class Phone {
  constructor(kind, id, { name = "", fresh = false }) {
    Object.assign(this, { kind, id, name, fresh, data: null, stack: [{ screen: "home", tab: "chats" }], drafts: {}, read: null, wanted: "" });
    this.time = h("span.status-time");
    this.body = h("div.phone-body");
    this.over = h("div.phone-over");
    this.el = h(
      `section.phone.phone-${kind}`,
      { "aria-label": name, data: { id } },
      h("header.phone-label", {}, (this.label = h("b", {}, name || "…")), h("span.phone-app", {}, kind === "staff" ? t("企业微信 · 店员") : t("微信 · 客户")), iconButton("close", t("放下这部手机"), () => this.close())),
      h("div.phone-glass", {}, h("div.status", {}, this.time, h("span.status-notch"), h("span.status-bars", {}, "5G")), h("div.phone-screen", {}, this.body, this.over)),
    );
    this.body.addEventListener("input", (event) => {
      const key = event.target.dataset?.draft;
      if (key) this.drafts[key] = event.target.type === "checkbox" ? event.target.checked : event.target.value;
    });
  }

  get top() {
    return this.stack.at(-1);
  }

  // Who this is in an act: a person whom the corp may not know yet is named whole.
  get self() {
    if (this.kind === "staff") return { userid: this.id };
    return this.data?.known ? { external_userid: this.data.id } : { person: { unionid: this.id, name: this.name } };
  }

  async refresh() {
    const asked = (this.asked = {});
    const chat = this.stack.findLast((one) => one.key)?.key ?? "";
    const data = await get(this.kind, { who: this.id, open: chat, ...(this.wanted ? { q: this.wanted } : {}) });
    if (asked !== this.asked) return;
    const seen = JSON.stringify(data);
    if (seen === this.seen) return;
    const before = this.data;
    [this.seen, this.data] = [seen, data];
    this.name = data.name || this.name || this.id;
    if (this.read === null) this.read = Object.fromEntries((data.chats ?? []).map((one) => [one.key, one.at]));
    this.draw();
    if (before?.known !== data.known) keepAddress();
    drawTour();
    drawChips();
  }

  unread(chat) {
    // Who came or went is told in the chat, but calls nobody.
    const called = chat.last && !["opened", "joined", "left", "removed"].includes(chat.last.kind);
    return called && chat.at > (this.read?.[chat.key] ?? 0) && chat.last.by !== (this.data.id ?? this.id);
  }

  go(screen, more = {}) {
    this.stack.push({ screen, ...more });
    this.draw();
    return this.refresh();
  }

  // Straight to a chat, as a notification does.
  chat(key) {
    this.over.replaceChildren();
    this.stack = [{ screen: "home", tab: "chats" }, { screen: "chat", key }];
    this.draw();
    return this.refresh();
  }

  tab(tab) {
    this.over.replaceChildren();
    this.stack = [{ screen: "home", tab }];
    this.draw();
  }

  back() {
    if (this.stack.length > 1) this.stack.pop();
    this.draw();
  }

  draw() {
    this.label.textContent = this.name;
    this.el.setAttribute("aria-label", this.name);
    this.time.textContent = clockTime(now());
    if (!this.data) return;
    const place = this.top.screen + (this.top.key ?? this.top.tab ?? "");
    const old = this.body.querySelector(".scroll");
    const same = this.drawn === place && old;
    const [at, atEnd] = old ? [old.scrollTop, old.scrollHeight - old.scrollTop - old.clientHeight < 40] : [0, true];
    const held = this.body.contains(document.activeElement) ? document.activeElement : null;
    const [key, from, to] = held?.dataset?.draft ? [held.dataset.draft, held.selectionStart, held.selectionEnd] : [];
    if (this.read && this.top.screen === "chat") {
      const chat = this.data.chats?.find((one) => one.key === this.top.key);
      if (chat) this.read[chat.key] = chat.at;
    }
    this.body.replaceChildren(...[SCREENS[this.kind][this.top.screen](this, this.top)].flat());
    for (const input of this.body.querySelectorAll("[data-draft]")) {
      const kept = this.drafts[input.dataset.draft];
      if (kept !== undefined) input.type === "checkbox" ? (input.checked = kept) : (input.value = kept);
      if (key && input.dataset.draft === key) {
        input.focus({ preventScroll: true });
        if (input.setSelectionRange && from !== null && input.type !== "checkbox" && input.tagName !== "SELECT") input.setSelectionRange(from, to);
      }
    }
    const scroll = this.body.querySelector(".scroll");
    if (scroll) {
      if (scroll.dataset.stick !== undefined) scroll.scrollTop = same && !atEnd ? at : scroll.scrollHeight;
      else scroll.scrollTop = same ? at : 0;
      // Pictures come later and push what was last out of sight.
      if (scroll.dataset.stick !== undefined && (!same || atEnd)) {
        for (const picture of scroll.querySelectorAll("img")) picture.addEventListener("load", () => (scroll.scrollTop = scroll.scrollHeight), { once: true });
      }
    }
    this.drawn = place;
  }

  // A sheet from below: a title, and what is on it.
  sheet(title, ...parts) {
    const shade = h("div.shade", { onclick: (event) => event.target === shade && shade.remove() });
    shade.append(h("div.sheet", { role: "dialog", "aria-label": title }, h("h3", {}, title), ...parts, button(t("取消"), () => shade.remove(), "btn-plain")));
    this.over.append(shade);
    return shade;
  }

  confirm(title, text, label, onyes) {
    const shade = this.sheet(title, text ? h("p.quiet", {}, text) : null, button(label, () => (shade.remove(), onyes()), "btn-danger"));
  }

  close() {
    this.el.remove();
    this.onclose?.();
  }
}

// The head of a screen: the way back, a title, and what is done here.
export function head(phone, title, ...acts) {
  const back = phone.stack.length > 1 ? iconButton("back", t("返回"), () => phone.back()) : h("span.head-space");
  return h("div.head", {}, back, h("h2", {}, title), h("div.head-acts", {}, ...acts));
}

// The bar below: [name, icon element, label, number that waits].
export function tabs(phone, entries) {
  return h(
    "nav.tabbar",
    {},
    entries.map(([name, picture, label, count]) =>
      h("button.tabbar-item", { type: "button", "aria-current": phone.top.tab === name ? "page" : null, onclick: () => phone.tab(name) }, picture, h("span", {}, label), count ? h("i.badge", {}, String(count)) : null),
    ),
  );
}
