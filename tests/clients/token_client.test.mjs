// How examples/web/zego-token-client.js renews, over a clock and a service that the tests move.

import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { fetchToken, keepFresh } from "../../examples/web/zego-token-client.js";

const TOO_LATE = Object.assign(new Error("over"), { status: 403, rule: "too-late" });
const TODAY = 1_795_306_972_000;
const ISSUED = { token: "first", refresh_in: 60 };

/** A fresh-keeper whose service answers with `answers`, one a request. `seconds(n)` lets time pass. */
function scene(t, answers, issued = ISSUED) {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: TODAY });
  let now = 0;
  const clock = mock.method(performance, "now", () => now * 1000);
  const random = mock.method(Math, "random", () => 0.5);
  t.after(() => [mock.timers, clock.mock, random.mock].forEach((each) => (each.reset ?? each.restore).call(each)));

  const asked = [], tokens = [], ends = [];
  const fetchNext = async () => {
    asked.push(now);
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const fresh = keepFresh(issued, { fetchNext, onToken: ({ token }) => tokens.push(token), onEnd: (e) => ends.push(e.rule) });
  const settled = async () => {
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  };
  const seconds = async (count) => {
    await settled();
    for (let second = 0; second < count; second++) {
      now += 1;
      mock.timers.tick(1000);
      await settled();
    }
  };
  return { asked, tokens, ends, fresh, seconds };
}

const token = (name, refresh_in = 60) => ({ token: name, refresh_in });
const failure = (status, retryAfter = 0) => Object.assign(new Error(`HTTP ${status}`), { status, retryAfter });

test("renews refresh_in seconds after each answer", async (t) => {
  const { asked, tokens, seconds } = scene(t, [token("second", 30), token("third")]);
  await seconds(95);
  assert.deepEqual([asked, tokens], [[60, 90], ["second", "third"]]);
});

test("takes the SDK's event as a second trigger, once", async (t) => {
  const { asked, fresh, seconds } = scene(t, [token("second"), token("third")]);
  await seconds(20);
  for (let event = 0; event < 100; event++) fresh.renew();
  await seconds(4);
  for (let event = 0; event < 100; event++) fresh.renew();
  await seconds(59);
  assert.deepEqual(asked, [20, 80]);
});

test("does not ask twice at a time, while one answer takes long", async (t) => {
  const { asked, fresh, seconds } = scene(t, [new Promise(() => {}), token("never")]);
  await seconds(200);
  fresh.renew();
  assert.deepEqual(asked, [60]);
});

test("waits for Retry-After, and longer each time without it", async (t) => {
  const { asked, tokens, seconds } = scene(t, [failure(429, 17), failure(503), failure(503), token("second")]);
  await seconds(100);
  assert.deepEqual([asked, tokens], [[60, 77, 79, 83], ["second"]]);
});

test("goes on where there was no network", async (t) => {
  const { tokens, ends, seconds } = scene(t, [new TypeError("offline"), token("second")]);
  await seconds(70);
  assert.deepEqual([tokens, ends], [["second"], []]);
});

test("ends at the first refusal, whatever the SDK says later", async (t) => {
  const { asked, ends, fresh, seconds } = scene(t, [TOO_LATE, token("never")]);
  await seconds(60);
  for (let second = 0; second < 60; second++) (fresh.renew(), await seconds(1));
  assert.deepEqual([asked, ends], [[60], ["too-late"]]);
});

test("renews though somebody sets the clock back", async (t) => {
  const { asked, fresh, seconds } = scene(t, [token("second"), token("third")]);
  await seconds(3);
  mock.timers.setTime(TODAY - 3_600_000);
  await seconds(7);
  fresh.renew();
  await seconds(1);
  assert.deepEqual(asked, [10]);
});

test("renews a token that has no time left after five seconds, each time", async (t) => {
  const { asked, seconds } = scene(t, [token("second", 0), token("third", 0)], token("first", 0));
  await seconds(11);
  assert.deepEqual(asked, [5, 10]);
});

test("hands over nothing once it is stopped", async (t) => {
  const { asked, tokens, fresh, seconds } = scene(t, [token("second")]);
  await seconds(59);
  fresh.stop();
  await seconds(60);
  assert.deepEqual([asked, tokens], [[], []]);
});

test("an error has what the service said", async (t) => {
  const answer = Response.json({ detail: "wait", rule: "too-early" }, { status: 403, headers: { "Retry-After": "9" } });
  const mocked = mock.method(globalThis, "fetch", async () => answer);
  t.after(() => mocked.mock.restore());
  await assert.rejects(fetchToken("http://127.0.0.1/"), { message: "wait", status: 403, rule: "too-early", retryAfter: 9 });
});
