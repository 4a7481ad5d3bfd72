import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import test from "node:test";

const FRONTEND = new URL("../../custom_components/jonh/frontend/", import.meta.url);
const files = (await readdir(FRONTEND)).filter((name) => name.endsWith(".js"));

for (const name of files) {
  const code = await readFile(new URL(name, FRONTEND), "utf-8");

  test(`${name} imports only its neighbours, which exist`, () => {
    for (const [, from] of code.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)) {
      assert.match(from, /^\.\/[\w.]+\.js$/);
      assert.ok(files.includes(from.slice(2)), from);
    }
  });

  test(`${name} fetches nothing from elsewhere`, () => {
    const addresses = [...code.matchAll(/https?:\/\/[^\s"'`]+/g)].map(([address]) => address);
    const spoken =
      name === "strings.js"
        ? /^https?:\/\/([,\s]|$|localhost)/
        : /^http:\/\/www\.w3\.org\/2000\/svg$/;
    for (const address of addresses) assert.match(address, spoken);
  });
}

test("the worklet stands alone: not every browser lets one import", async () => {
  assert.doesNotMatch(
    await readFile(new URL("microphone.worklet.js", FRONTEND), "utf-8"),
    /^import/m,
  );
});
