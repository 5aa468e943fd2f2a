// The page without its forms is kept fresh; without script, reload by hand.
const wanted = location.hash.match(/edit\/([0-9a-fA-F-]{36})/);
if (wanted && location.pathname === "/") location.replace("/play/cases/" + wanted[1].toLowerCase());
setInterval(async () => {
  if (document.hidden) return;
  try {
    const page = new DOMParser().parseFromString(await (await fetch(location.pathname)).text(), "text/html");
    const fresh = page.getElementById("live"), shown = document.getElementById("live");
    if (fresh && shown && fresh.innerHTML !== shown.innerHTML) shown.replaceWith(fresh);
  } catch { /* the simulator has ended */ }
}, 2000);
