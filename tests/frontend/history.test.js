import assert from "node:assert/strict";
import test from "node:test";
import {
  byDay,
  dayName,
  turnsOf,
  withChange,
} from "../../custom_components/jonh/frontend/history.js";
import { translator } from "../../custom_components/jonh/frontend/strings.js";

const session = (/** @type {string} */ id, /** @type {string} */ time) =>
  /** @type {any} */ ({ session_id: id, last_turn: time, started: time, turn_count: 1 });

test("changes come first, what is deleted goes", () => {
  const list = [session("b", "2026-11-02"), session("a", "2026-11-01")];
  const changed = withChange(list, { action: "changed", session: session("a", "2026-11-03") });
  assert.deepEqual(
    changed.map((each) => each.session_id),
    ["a", "b"],
  );
  const left = withChange(changed, { action: "deleted", session_id: "a" });
  assert.deepEqual(
    left.map((each) => each.session_id),
    ["b"],
  );
});

test("sessions stand under their days", () => {
  const list = [
    session("c", "2026-11-02T10"),
    session("b", "2026-11-02T09"),
    session("a", "2026-11-01T10"),
  ];
  const days = byDay(list, (time) => time.slice(0, 10));
  assert.deepEqual(
    days.map(([day, each]) => [day, each.length]),
    [
      ["2026-11-02", 2],
      ["2026-11-01", 1],
    ],
  );
});

test("days are said as people do", () => {
  const now = new Date(2026, 10, 25, 0, 30);
  const t = translator("pt-BR");
  const said = (/** @type {Date} */ date) => dayName(date, now, t, "pt-BR");
  assert.equal(said(new Date(2026, 10, 25, 0, 10)), "Hoje");
  assert.equal(said(new Date(2026, 10, 24, 23, 59)), "Ontem");
  assert.equal(said(new Date(2026, 10, 21)), "sábado, 21 de novembro");
  assert.match(said(new Date(2025, 10, 21)), /2025/);
});

test("turns are read from what was kept, without calls of tools", () => {
  const [turn] = turnsOf({
    turns: [
      {
        was_interrupted: true,
        has_failed: false,
        messages: [
          { role: "user", text: "Acende a luz" },
          { role: "assistant", text: "", tool_calls: [{}] },
          { role: "tool", text: "ok" },
          { role: "assistant", text: "Pronto." },
        ],
      },
    ],
  });
  assert.equal(turn.said, "Acende a luz");
  assert.equal(turn.answer, "Pronto.");
  assert.ok(turn.isInterrupted);
  assert.equal(turn.heardUpTo, 7);
});
