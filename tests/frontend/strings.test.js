import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import test from "node:test";
import {
  errorText,
  nearest,
  STRINGS,
  translator,
} from "../../custom_components/jonh/frontend/strings.js";

const FRONTEND = new URL("../../custom_components/jonh/frontend/", import.meta.url);
const names = (/** @type {string} */ text) => (text.match(/\{\w+\}/g) ?? []).sort();

test("every language says everything, with the same names in it", () => {
  assert.deepEqual(Object.keys(STRINGS).sort(), ["en", "es", "pt", "pt-BR"]);
  for (const [language, strings] of Object.entries(STRINGS)) {
    assert.deepEqual(Object.keys(strings), Object.keys(STRINGS.en), language);
    for (const [key, text] of Object.entries(strings)) {
      assert.ok(text.trim(), `${language} ${key}`);
      assert.deepEqual(names(text), names(STRINGS.en[key]), `${language} ${key}`);
    }
  }
});

test("every word that the code asks for exists, and none is asked for by nobody", async () => {
  const files = (await readdir(FRONTEND)).filter(
    (name) => name.endsWith(".js") && name !== "strings.js",
  );
  const sources = await Promise.all(
    files.map((name) => readFile(new URL(name, FRONTEND), "utf-8")),
  );
  const code = sources.join("\n");
  const asked = [...code.matchAll(/\b(?:t|_t)\(\s*"(\w+)"/g)].map((match) => match[1]);
  for (const key of asked) assert.ok(key in STRINGS.en, key);
  // Keys that are put together: phase_${...} and so on.
  const prefixes = [...code.matchAll(/`(\w+?)\$\{/g)].map((match) => match[1]);
  const quoted = new Set([...code.matchAll(/"(\w+)"/g)].map((match) => match[1]));
  for (const key of Object.keys(STRINGS.en)) {
    const isUsed =
      quoted.has(key) ||
      prefixes.some((prefix) => key.startsWith(prefix)) ||
      key.startsWith("error_");
    assert.ok(isUsed, key);
  }
});

test("the nearest language is taken, and English where there is none", () => {
  assert.equal(nearest("pt-BR"), "pt-BR");
  assert.equal(nearest("pt"), "pt");
  assert.equal(nearest("es-419"), "es");
  assert.equal(nearest("en-GB"), "en");
  assert.equal(nearest("fi"), "en");
  assert.equal(nearest(undefined), "en");
});

test("values are put in; an unknown key stays visible", () => {
  const t = translator("pt-BR");
  assert.equal(t("greeting", { name: "Ana" }), "Oi, Ana");
  assert.equal(t("no_such_key"), "no_such_key");
});

test("errors that we know have our words, others the server's, others none", () => {
  const t = translator("en");
  assert.match(errorText(t, { code: "rate_limited", text: "x" }), /Wait a minute/);
  assert.equal(errorText(t, { code: "tts_failed", text: "No voice" }), "No voice");
  assert.equal(errorText(t, { code: "other", text: "" }), STRINGS.en.error_unknown);
});
