// Rooms: scheduled with an event, and listed with their grants.

import { button, table, time, yesNo } from "./elements.js";
import { wire } from "./forms.js";
import { Refusal, send } from "./requests.js";
import { localTime, unixSeconds } from "./times.js";

const MOST_GRANTS = 100;
const HOUR = 3600;

export function setUpRooms(section) {
  const forms = Object.fromEntries(["schedule", "grants", "all-rooms"].map((id) => [id, section.querySelector(`#${id}`)]));
  const grantsResult = section.querySelector("#grants-result");
  const grants = wire(forms.grants, grantsResult, (values) => grantsRequest(values.room_id), (page) => {
    grantsResult.replaceChildren(grantsTable(page));
    return page.next ? `The first ${page.grants.length} grants.` : counted(page.grants.length, "grant");
  });
  const showGrants = (roomId) => {
    forms.grants.elements.room_id.value = roomId;
    forms.grants.elements.room_id.focus();
    return grants.submit();
  };

  const roomsResult = section.querySelector("#rooms-result");
  const allRooms = wire(forms["all-rooms"], roomsResult, () => ({ method: "GET", path: "/local/rooms" }), ({ rooms }) => {
    roomsResult.replaceChildren(...(rooms.length ? [roomsTable(rooms, showGrants)] : []));
    return counted(rooms.length, "room");
  }, { isCopied: false });

  const { starts_at: starts, ends_at: ends } = forms.schedule.elements;
  const now = Math.floor(Date.now() / 1000);
  starts.value = localTime(now);
  ends.value = localTime(now + HOUR);
  const scheduleResult = document.createElement("div");
  wire(forms.schedule, scheduleResult, scheduleRequest, async (outcome) => {
    await allRooms.submit();
    return said(outcome);
  });
}

const counted = (count, what) => `${count === 0 ? "No" : count} ${what}${count === 1 ? "" : "s"}.`;

const grantsRequest = (roomId, limit = MOST_GRANTS) => ({
  method: "GET",
  path: `/v1/rooms/${encodeURIComponent(roomId)}/grants?limit=${limit}`,
});

async function scheduleRequest(values) {
  if (!values.room_id) {
    throw new Refusal("Name the room.", "room_id");
  }
  // An event counts if its revision is higher than that of the room.
  const { room } = await send(grantsRequest(values.room_id, 1));
  const of = (text, publish) => text.split("\n").map((line) => line.trim()).filter(Boolean)
    .map((user_id) => ({ user_id, publish }));
  const detail = {
    version: 1,
    room_id: values.room_id,
    revision: (room.revision ?? -1) + 1,
    starts_at: unixSeconds(values.starts_at, "starts_at"),
    ends_at: unixSeconds(values.ends_at, "ends_at"),
    participants: [...of(values.publishers, true), ...of(values.viewers, false)],
  };
  return { method: "POST", path: "/local/events", body: { "detail-type": "Zego Room Scheduled", detail } };
}

function said({ outcome, provisioned, errors = [] }) {
  const reasons = errors.map(({ entry, reason }) => (entry === "detail" ? reason : `${entry}: ${reason}`)).join("; ");
  if (outcome !== "applied") {
    throw new Refusal(`The event was ${outcome}. ${reasons}`, errors[0]?.field);
  }
  const left = errors.length ? ` Left out: ${reasons}` : "";
  return `Scheduled, with ${counted(provisioned, "participant").toLowerCase()}${left}`;
}

function roomsTable(rooms, showGrants) {
  const rows = rooms.map(({ room_id, state, starts_at, ends_at }) => [
    room_id,
    state,
    starts_at === null ? "" : time(starts_at),
    ends_at === null ? "" : time(ends_at),
    button("Grants", `Grants of ${room_id}`, () => showGrants(room_id)),
  ]);
  return table("All rooms of the table", ["Room id", "State", "Starts", "Ends", "Grants"], rows);
}

function grantsTable({ room, grants }) {
  const rows = grants.map((grant) => [
    grant.user_id,
    `login: ${yesNo(grant.login)}, publish: ${yesNo(grant.publish)}`,
    grant.stream_ids?.join(", ") ?? "any",
    time(grant.starts_at),
    time(grant.ends_at),
    grant.source,
  ]);
  const caption = `Room ${room.room_id}: ${room.state}`;
  return table(caption, ["User id", "May", "Streams", "Starts", "Ends", "From"], rows);
}
