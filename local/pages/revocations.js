// Revocations: set, listed and lifted.

import { button, table, time } from "./elements.js";
import { wire } from "./forms.js";
import { localTime, unixSeconds } from "./times.js";

const PATH = "/v1/revocations";
const DAY = 86400;

export function setUpRevocations(section) {
  const [form, list] = ["#revoke", "#in-force"].map((selector) => section.querySelector(selector));
  const result = section.querySelector("#in-force-result");
  const heading = section.querySelector("#revocations-list");
  form.elements.until.value = localTime(Math.floor(Date.now() / 1000) + DAY);

  const inForce = wire(list, result, () => ({ method: "GET", path: PATH }), ({ revocations }) => {
    result.replaceChildren(...(revocations.length ? [revocationsTable(revocations, lift)] : []));
    return revocations.length === 0 ? "No revocation is in force." : `In force: ${revocations.length}.`;
  });
  const revoking = wire(form, document.createElement("div"), revocationRequest, async (answer) => {
    await inForce.submit();
    return `Revoked for ${nameOf(answer)}. ${answer.note}${answer.kick_error ? ` ${answer.kick_error}` : ""}`;
  });
  const lift = async (target) => {
    await revoking.run(() => liftRequest(target), async ({ lifted }) => {
      await inForce.submit();
      return lifted ? `Lifted for ${nameOf(target)}.` : `There was no revocation for ${nameOf(target)}.`;
    });
    heading.focus(); // the button is gone with its row
  };
}

function revocationRequest(values) {
  const body = targetOf(values);
  body.until = unixSeconds(values.until, "until");
  if ("kick" in values) {
    body.kick = true;
  }
  return { method: "POST", path: PATH, body };
}

const liftRequest = (target) => ({ method: "DELETE", path: `${PATH}?${queryOf(targetOf(target))}` });

function targetOf({ user_id, room_id }) {
  return Object.fromEntries(Object.entries({ user_id, room_id }).filter(([, value]) => value));
}

const queryOf = (target) =>
  Object.entries(target).map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");

function nameOf({ user_id, room_id }) {
  const user = user_id ? `user ${user_id}` : "everybody";
  return room_id ? `${user} in room ${room_id}` : user;
}

function revocationsTable(revocations, lift) {
  const rows = revocations.map((revocation) => [
    revocation.user_id ?? "everybody",
    revocation.room_id ?? "every room",
    time(revocation.until),
    revocation.created_by,
    button("Lift", `Lift the revocation for ${nameOf(revocation)}`, () => lift(revocation)),
  ]);
  return table("Revocations in force", ["User id", "Room id", "Until", "By", "Lift"], rows);
}
