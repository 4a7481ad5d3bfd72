import assert from "node:assert/strict";
import test from "node:test";
import { defaults, load, save } from "../../custom_components/jonh/frontend/settings.js";
import { storage } from "./fakes.js";

const IPHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1";
const CHROME =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36";
const ANDROID_APP =
  "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 Version/4.0 Chrome/156.0 Mobile Safari/537.36";
const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

test("only WebKit needs the loop over WebRTC", () => {
  const agents = [IPHONE, CHROME, ANDROID_APP, FIREFOX, ""];
  assert.deepEqual(
    agents.map((agent) => defaults(agent).loopback),
    [true, false, false, false, false],
  );
});

test("what was chosen is read again", () => {
  const place = storage();
  /** @type {import("../../custom_components/jonh/frontend/settings.js").Settings} */
  const chosen = {
    pipeline: "a",
    interruption: "touch",
    silenceS: 0.5,
    showTimes: false,
    record: true,
    loopback: true,
  };
  save(place, chosen);
  assert.deepEqual(load(place), chosen);
});

test("what is broken or unknown falls back", () => {
  assert.deepEqual(load(storage({ "jonh.conversa": "{" })), defaults());
  assert.deepEqual(load(storage({ "jonh.conversa": "null" })), defaults());
  const odd = JSON.stringify({ pipeline: 5, interruption: "shout", silenceS: 99, record: "yes" });
  assert.deepEqual(load(storage({ "jonh.conversa": odd })), defaults());
});

test("a browser that keeps nothing is no reason to fail", () => {
  save(
    {
      setItem() {
        throw new Error("full");
      },
    },
    defaults(),
  );
});
