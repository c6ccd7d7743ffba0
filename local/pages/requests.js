// Requests to the service: { method, path, body }, sent with the JWT of the chosen caller.

const caller = { jwt: "" };

export const callAs = (jwt) => {
  caller.jwt = jwt.trim();
};

export const currentJwt = () => caller.jwt;

/** An answer that is no success. `field` names what was wrong in the request, if anything was. */
export class Refusal extends Error {
  constructor(message, field) {
    super(message);
    this.field = field;
  }
}

export function headersOf(request) {
  const headers = {};
  if (request.body !== undefined) {
    headers["Content-Type"] = "application/json";
  }
  if (caller.jwt) {
    headers.Authorization = `Bearer ${caller.jwt}`;
  }
  return headers;
}

/** The JSON of a successful answer. Throws a Refusal. */
export async function send(request, headers = headersOf(request)) {
  if (/[^\x21-\x7e]/.test(caller.jwt)) {
    throw new Refusal("The JWT has characters that no JWT has. Paste it again.");
  }
  const body = request.body === undefined ? undefined : JSON.stringify(request.body);
  const options = { method: request.method, headers, body, cache: "no-store", credentials: "omit" };
  let answer;
  try {
    answer = await fetch(request.path, options);
  } catch {
    throw new Refusal("There is no answer. Is `make run` still running?");
  }
  const content = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    throw new Refusal(`${answer.status}: ${reasonOf(answer, content)}`, content.field);
  }
  return content;
}

function reasonOf(answer, content) {
  if (answer.status === 401) {
    return "the caller is unknown. Choose a caller, or paste a JWT that is valid.";
  }
  const rule = content.rule ? ` (${content.rule})` : "";
  const wait = answer.headers.get("retry-after");
  return `${content.detail ?? content.message ?? answer.statusText}${rule}${wait ? `; try again in ${wait} s` : ""}`;
}
