// A request as text to run elsewhere.

import { currentJwt, headersOf } from "./requests.js";

const LOCAL_HOSTS = ["127.0.0.1", "localhost", "[::1]"];

const quoted = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

export function asCurl(request) {
  const parts = ["curl"];
  if (request.method !== (request.body === undefined ? "GET" : "POST")) {
    parts.push("-X", request.method);
  }
  parts.push(quoted(location.origin + request.path));
  for (const [name, value] of Object.entries(headersOf(request))) {
    parts.push("-H", quoted(`${name}: ${value}`));
  }
  if (request.body !== undefined) {
    parts.push("-d", quoted(JSON.stringify(request.body)));
  }
  return parts.join(" ");
}

export function asJavaScript(request) {
  const lines = [
    `const answer = await fetch(${JSON.stringify(location.origin + request.path)}, {`,
    `  method: ${JSON.stringify(request.method)},`,
    `  headers: ${JSON.stringify(headersOf(request))},`,
  ];
  if (request.body !== undefined) {
    lines.push(`  body: JSON.stringify(${JSON.stringify(request.body)}),`);
  }
  return [...lines, "});", "console.log(answer.status, await answer.json());"].join("\n");
}

/** The command line `zego-token` for it; null where it has no such command, or does not call this address. */
export function asCommand(request) {
  if (!LOCAL_HOSTS.includes(location.hostname) || request.method !== "POST") {
    return null;
  }
  const command = { "/v1/tokens": createCommand, "/v1/tokens/inspect": inspectCommand }[request.path];
  if (command === undefined) {
    return null;
  }
  const { name, options, argument } = command(request.body);
  const given = Object.entries(options).filter(([, value]) => value !== undefined && value !== false);
  const words = given.map(([option, value]) => (value === true ? `--${option}` : `--${option}=${quoted(String(value))}`));
  words.push(`--api=${location.origin}`);
  const jwt = currentJwt();
  if (jwt) {
    words.push("--jwt-file=/dev/stdin");
  }
  const line = ["zego-token", name, ...words, "--", quoted(argument)].join(" ");
  return jwt ? `printf %s ${quoted(jwt)} | ${line}` : line;
}

function createCommand(body) {
  const isKit = body.product === "uikit";
  const options = {
    room: body.room_id,
    publish: body.privilege?.publish,
    ttl: body.effective_time_in_seconds,
    product: body.product,
    kit: isKit && body.room_id !== undefined,
    name: isKit ? body.user_name : undefined,
  };
  return { name: "create", options, argument: String(body.user_id ?? "") };
}

function inspectCommand(body) {
  const options = { user: body.user_id, room: body.room_id, product: body.product };
  return { name: "inspect", options, argument: body.token };
}
