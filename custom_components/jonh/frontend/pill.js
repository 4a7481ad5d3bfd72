/** The small sign that a call goes on while another page of Home Assistant is shown. */

import { h, write } from "./dom.js";
import { icon } from "./icons.js";
import { clock } from "./times.js";
import { translator } from "./strings.js";

const STYLE = `
:host { position: fixed; z-index: 9; inset-inline-end: 16px;
  bottom: calc(16px + var(--safe-area-inset-bottom, env(safe-area-inset-bottom, 0px)));
  font-family: var(--ha-font-family-body, Roboto, system-ui, sans-serif); }
div { display: flex; align-items: center; padding: 6px; gap: 2px; border-radius: 32px; color: #fff;
  background: #14713a; box-shadow: 0 6px 24px rgb(0 0 0 / 28%); animation: in .25s ease-out; }
:host([data-recording]) div { box-shadow: 0 0 0 2px #e5372b, 0 6px 24px rgb(0 0 0 / 28%); }
button { all: unset; box-sizing: border-box; display: flex; align-items: center; gap: 10px; cursor: pointer;
  min-height: 44px; border-radius: 24px; padding: 0 14px 0 12px; font-size: 14px; font-weight: 500; }
button:hover { background: rgb(255 255 255 / 12%); }
button:focus-visible { outline: 2px solid #fff; outline-offset: -2px; }
button.end { background: #d0281c; padding: 0; width: 44px; justify-content: center; }
svg { width: 22px; height: 22px; fill: currentColor; flex: none; }
time { font-variant-numeric: tabular-nums; opacity: .85; }
i { width: 8px; height: 8px; border-radius: 50%; background: #8df0b4; animation: beat 1.6s infinite; }
i.muted { background: #ffb74d; }
@keyframes beat { 50% { opacity: .35; } }
@keyframes in { from { transform: translateY(24px); opacity: 0; } }
@media (prefers-reduced-motion: reduce) { div, i { animation: none; } }
`;

/** @type {{element: HTMLElement, remove: () => void} | null} */
let shown = null;

/**
 * Show the sign until the call ends or the panel is back.
 * @param {import("./call.js").Call} call
 * @param {string} path of the panel
 */
export function showPill(call, path) {
  if (shown || !call.isActive) return;
  const t = translator(call.hass?.language);
  const element = document.createElement("div");
  const root = element.attachShadow({ mode: "open" });
  const light = h("i");
  const state = h("span");
  const time = h("time");
  root.append(
    h("style", {}, STYLE),
    h(
      "div",
      { role: "region", "aria-label": t("inCall") },
      h(
        "button",
        { type: "button", title: t("returnToCall"), onclick: () => goTo(path) },
        icon("returnToCall"),
        light,
        state,
        time,
      ),
      h(
        "button",
        {
          type: "button",
          class: "end",
          "aria-label": t("hangUp"),
          title: t("hangUp"),
          onclick: () => call.hangUp(),
        },
        icon("hangUp"),
      ),
    ),
  );
  const update = () => {
    if (!call.isActive) {
      hidePill();
      return;
    }
    const { phase, isMuted, isRecording, startedMs } = call.state;
    write(state, phase === "reconnecting" ? t("phase_reconnecting") : t("inCall"));
    write(time, startedMs ? clock((Date.now() - startedMs) / 1000) : "");
    light.className = isMuted ? "muted" : "";
    element.toggleAttribute("data-recording", isRecording);
  };
  const ticking = setInterval(update, 1000);
  call.addEventListener("change", update);
  shown = {
    element,
    remove: () => {
      clearInterval(ticking);
      call.removeEventListener("change", update);
      element.remove();
    },
  };
  update();
  document.body.append(element);
}

/** Take the sign away. */
export function hidePill() {
  shown?.remove();
  shown = null;
}

/** Go to a page of Home Assistant as its own links do. @param {string} path */
function goTo(path) {
  history.pushState(null, "", path);
  window.dispatchEvent(new CustomEvent("location-changed", { detail: { replace: false } }));
}
