// In a phone the sign-in page need not ask: the frame that holds it says whose phone it is. Only our own page can say so:
// of a page from elsewhere the browser shows no frame.
const NAMES = { userid: "userid", external: "external_userid", unionid: "unionid" };
const held = window.frameElement?.dataset ?? {};
const said = new URL(location.href);
for (const [name, parameter] of Object.entries(NAMES)) {
  if (held[name] && !said.searchParams.has(parameter)) {
    said.searchParams.set(parameter, held[name]);
    location.replace(said);
    break;
  }
}
