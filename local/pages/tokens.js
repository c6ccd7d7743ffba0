// Tokens: made for a user and a room, and inspected.

import { button, countdown, element, fields, time, yesNo } from "./elements.js";
import { Warning, isInClipboard, wire } from "./forms.js";

export function setUpTokens(section, inspect) {
  const result = section.querySelector(".result");
  const show = (answer) => {
    result.replaceChildren(
      countdown(answer.expires_in, answer.refresh_in),
      ...shownToken("Token", "made-token", answer.token),
      ...(answer.kit_token ? shownToken("Kit token", "made-kit-token", answer.kit_token) : []),
      contents(answer),
      element("p", {}, button("Inspect this token", "Inspect this token", () => inspect(answer))),
    );
    return `A token for ${answer.user_id}, made with ${answer.cipher.toUpperCase()}.`;
  };
  wire(section.querySelector("form"), result, tokenRequest, show);
}

function tokenRequest(values) {
  const body = { user_id: values.user_id };
  if (values.room_id) {
    body.room_id = values.room_id;
    body.privilege = { login: true, publish: "publish" in values };
  }
  if (values.effective_time_in_seconds) {
    body.effective_time_in_seconds = numberOf(values.effective_time_in_seconds);
  }
  if (values.product !== "rtc") {
    body.product = values.product;
  }
  if (values.user_name) {
    body.user_name = values.user_name;
  }
  return { method: "POST", path: "/v1/tokens", body };
}

// What is no number is sent as it is, for the service to refuse.
const numberOf = (text) => (/^\d{1,15}$/.test(text) ? Number(text) : text);

function shownToken(name, id, token) {
  const said = element("span", { role: "status", className: "quiet" });
  const text = element("textarea", { id, rows: 6, readOnly: true, spellcheck: false, value: token });
  const copy = button("Copy", `Copy the ${name.toLowerCase()}`, async () => {
    text.select();
    said.textContent = (await isInClipboard(token)) ? "Copied." : "It is selected: copy it.";
  });
  return [element("label", { htmlFor: id }, name), text, element("div", { className: "copy" }, copy, said)];
}

/** The fields of a token that was made or opened. */
function contents(token) {
  const allowed = token.privilege;
  return fields([
    ["Version", token.version],
    ["Cipher", token.cipher],
    ["App id", String(token.app_id)],
    ["User id", token.user_id],
    ["Room id", token.room_id ?? "every room"],
    ["Privilege", allowed ? `login: ${yesNo(allowed.login)}, publish: ${yesNo(allowed.publish)}` : "not limited"],
    ["Streams", token.stream_ids === undefined ? undefined : (token.stream_ids?.join(", ") ?? "any")],
    ["Issued at", time(token.issued_at)],
    ["Renew after", token.refresh_after === undefined ? undefined : time(token.refresh_after)],
    ["Expires at", time(token.expires_at)],
  ]);
}

/** Returns what inspects a token that was made. */
export function setUpDiagnosis(section) {
  const form = section.querySelector("form");
  const result = section.querySelector(".result");
  const show = ({ token, findings }) => {
    result.replaceChildren(
      ...(findings.length ? [element("ol", { className: "findings" }, ...findings.map(shownFinding))] : []),
      ...(token ? [countdown(token.expires_in), contents(token)] : []),
    );
    const serious = findings.filter(({ severity }) => severity === "error").length;
    if (serious === 0) {
      return findings.length ? "The token is good; see the notes." : "Nothing is wrong with the token.";
    }
    const count = serious === 1 ? "One thing is" : `${serious} things are`;
    return new Warning(`${count} wrong with the token.`);
  };
  const { submit } = wire(form, result, inspectionRequest, show);
  return (made) => {
    form.elements.token.value = made.token;
    form.elements.user_id.value = made.user_id;
    form.elements.room_id.value = made.room_id ?? "";
    form.elements.token.focus();
    form.elements.token.scrollTop = 0;
    return submit();
  };
}

function inspectionRequest(values) {
  const body = { token: values.token };
  for (const name of ["user_id", "room_id"]) {
    if (values[name]) {
      body[name] = values[name];
    }
  }
  if (values.product !== "rtc") {
    body.product = values.product;
  }
  return { method: "POST", path: "/v1/tokens/inspect", body };
}

function shownFinding(found) {
  const codes = found.client_error_codes.join(", ");
  return element(
    "li",
    { className: found.severity === "error" ? "serious" : "" },
    element("strong", {}, found.sentence),
    " ",
    element("code", {}, found.code),
    element("p", {}, found.what_to_do),
    ...(codes ? [element("p", { className: "hint" }, `Error codes of clients: ${codes}`)] : []),
  );
}
