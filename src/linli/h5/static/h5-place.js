// The landing page's one behaviour: ask the phone for its place (to about 10 m), then let the form go.
(() => {
  const form = document.querySelector("form[data-place]");
  if (!form || !navigator.geolocation) return; // the form alone leads to the choice by hand
  const button = form.querySelector("button");
  const words = button.textContent;
  let asked = false;
  function go(position) {
    if (position) {
      form.lat.value = position.coords.latitude.toFixed(4);
      form.lng.value = position.coords.longitude.toFixed(4);
    }
    form.submit();
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (asked) return;
    asked = true;
    button.textContent = button.dataset.wait;
    navigator.geolocation.getCurrentPosition(go, () => go(null), { timeout: 8000, maximumAge: 60000 });
  });
  window.addEventListener("pageshow", () => { // back from the shop's page: ask anew
    asked = false;
    button.textContent = words;
    form.lat.value = form.lng.value = "";
  });
})();
