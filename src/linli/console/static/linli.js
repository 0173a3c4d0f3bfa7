// Small behaviours of the console, all declared in HTML by data- attributes: see docs/components.md.
(() => {
  const TOAST_MS = 6000;
  const JUMP_MS = 1200;

  // --- toast: server messages, HX-Trigger {"toast": {"text": "…", "tone": "warn"}}, linli.toast(text, tone)
  function fade(line) {
    if (!line.classList.contains("toast-danger")) setTimeout(() => line.remove(), TOAST_MS);
  }
  function toast(text, tone = "info") {
    const line = document.createElement("div");
    line.className = `toast-line toast-${tone}`;
    line.setAttribute("role", "status");
    const words = document.createElement("span");
    words.textContent = text;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "icon-btn";
    close.dataset.dismiss = "";
    close.textContent = "×";
    line.append(words, close);
    document.getElementById("toasts")?.append(line);
    fade(line);
  }

  // --- confirm: data-confirm="…" on a link, button or form; hx-confirm="…" on anything htmx sends
  function ask(text) {
    const box = document.getElementById("confirm");
    if (!box) return Promise.resolve(window.confirm(text));
    box.querySelector("p").textContent = text;
    box.returnValue = "no";
    box.showModal();
    return new Promise((done) => {
      box.addEventListener("close", () => done(box.returnValue === "yes"), { once: true });
    });
  }
  function guard(event, element, goOn) {
    if (element.dataset.confirmed) {
      delete element.dataset.confirmed;
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(element.dataset.confirm).then((yes) => {
      if (!yes) return;
      element.dataset.confirmed = "yes";
      goOn();
    });
  }

  async function copy(button) {
    await navigator.clipboard.writeText(button.dataset.copy);
    toast(document.body.dataset.copied || "✓");
  }

  function openDrawer(id) {
    const drawer = document.getElementById(id);
    if (drawer && !drawer.open) drawer.showModal();
  }

  document.addEventListener("click", (event) => {
    const on = (selector) => event.target.closest(selector);
    const asked = on("a[data-confirm], button[data-confirm]");
    if (asked) return guard(event, asked, () => asked.click());
    if (on("[data-dismiss]")) return on(".toast-line")?.remove();
    if (on("[data-close]")) return on("dialog")?.close();
    if (on("[data-drawer]")) return openDrawer(on("[data-drawer]").dataset.drawer);
    if (on("[data-copy]")) return copy(on("[data-copy]"));
    if (event.target.matches("dialog.drawer")) return event.target.close(); // the backdrop
    const menu = document.querySelector("details.menu[open]");
    if (menu && !menu.contains(event.target)) menu.open = false;
  }, true);
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("form[data-confirm]")) guard(event, form, () => form.requestSubmit(event.submitter));
  }, true);
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-autosubmit]")) event.target.form.requestSubmit();
  });

  // --- keys: / or ⌘K for the search, g then a letter for a section
  let jumpUntil = 0;
  document.addEventListener("keydown", (event) => {
    const search = document.querySelector("[data-search]");
    if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k" && search) {
      event.preventDefault();
      return search.select();
    }
    if (event.key === "Enter" && event.target.dataset.enter) {
      event.preventDefault();
      return document.getElementById(event.target.dataset.enter)?.click();
    }
    const menu = document.querySelector("details.menu[open]");
    if (event.key === "Escape" && menu) {
      menu.open = false;
      return menu.querySelector("summary").focus();
    }
    if (event.target.matches("input, textarea, select, [contenteditable]") || event.metaKey || event.ctrlKey || event.altKey) return;
    if (event.key === "/" && search) {
      event.preventDefault();
      search.select();
    } else if (event.key === "g") {
      jumpUntil = Date.now() + JUMP_MS;
    } else if (Date.now() < jumpUntil) {
      jumpUntil = 0;
      document.querySelector(`.side [data-jump="${CSS.escape(event.key)}"]`)?.click();
    }
  });

  // --- htmx
  document.addEventListener("htmx:confirm", (event) => {
    if (!event.detail.question) return;
    event.preventDefault();
    ask(event.detail.question).then((yes) => yes && event.detail.issueRequest(true));
  });
  document.addEventListener("toast", (event) => toast(event.detail.text || event.detail.value, event.detail.tone));
  for (const failure of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
    document.addEventListener(failure, ({ detail: { xhr } }) => {
      if (xhr?.getResponseHeader("HX-Trigger")?.includes("toast")) return; // the server said it better
      const refused = xhr?.status >= 400 && xhr.status < 500;
      toast(refused ? document.body.dataset.refused : document.body.dataset.offline, "danger");
    });
  }
  // what renews itself holds still while somebody reads in it or answers a question
  document.addEventListener("htmx:beforeRequest", (event) => {
    const calm = event.target.matches("[data-calm]");
    if (calm && (event.target.querySelector("details[open]") || document.querySelector("dialog[open]"))) event.preventDefault();
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const drawer = event.target.closest("dialog.drawer");
    if (drawer && !drawer.open) drawer.showModal();
  });

  // --- tables: where a table fits its card, its head may stick to the page instead of to its own scroll box
  const fit = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      target.classList.remove("table-fits");
      if (target.scrollWidth <= target.clientWidth) target.classList.add("table-fits");
    }
  });
  const watch = (within) => within.querySelectorAll(".table-wrap:not(.table-tall)").forEach((wrap) => fit.observe(wrap));
  watch(document);
  document.addEventListener("htmx:load", (event) => watch(event.detail.elt));

  document.querySelectorAll(".toast-line").forEach(fade);
  window.linli = { toast };
})();
