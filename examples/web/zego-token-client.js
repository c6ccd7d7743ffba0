// Fetches tokens of the ZEGO token service and keeps one fresh. No dependencies.

const PAUSE = 5; // seconds: the least between two renewals, whoever asks for them
const LONGEST_TIMER = 2_000_000; // seconds; browsers fire a longer timer at once

/** One token for `request`. Throws an Error with `status`, `rule` and `retryAfter` (seconds). */
export async function fetchToken(url, request = {}, headers = {}) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(request),
  });
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  const message = body.detail ?? body.message ?? `HTTP ${response.status}`;
  const retryAfter = Number(response.headers.get("Retry-After")) || 0;
  throw Object.assign(new Error(message), { status: response.status, rule: body.rule, retryAfter });
}

/**
 * Renews the token `issued`: fetchNext() gives the next one, onToken(next) hands it to the SDK.
 * Call renew() in the SDK's "token will expire" event too, and stop() when you leave the room.
 * The first refusal ends it with onEnd(error). Its `rule` is "too-late" where the user's time in the room ends.
 */
export function keepFresh(issued, { fetchNext, onToken, onEnd = () => {} }) {
  let timer, renewing, stopped = false, renewedAt = performance.now(); // a clock that nobody sets

  async function next() {
    for (let wait = 1; !stopped; wait = Math.min(2 * wait, 30)) {
      try {
        return await fetchNext();
      } catch (error) {
        if (error.status < 500 && error.status !== 429) return stop(), onEnd(error);
        const seconds = Math.max(wait * (0.5 + Math.random()), error.retryAfter ?? 0);
        await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      }
    }
  }
  async function renew() {
    if (stopped || renewing) return;
    renewing = true;
    const token = await next().finally(() => (renewing = false));
    if (stopped || !token) return;
    renewedAt = performance.now();
    plan(token);
    onToken(token);
  }
  function plan({ refresh_in }) {
    clearTimeout(timer);
    timer = setTimeout(renew, Math.min(Math.max(refresh_in, PAUSE), LONGEST_TIMER) * 1000);
  }
  function stop() {
    stopped = true;
    clearTimeout(timer);
  }
  plan(issued);
  return { renew: () => performance.now() - renewedAt < PAUSE * 1000 || renew(), stop };
}
