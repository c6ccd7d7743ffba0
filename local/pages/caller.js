// Who calls: nobody needs to say so without JWTs; with `make run JWT=1`, a caller is chosen or its JWT pasted.

import { element } from "./elements.js";
import { callAs, send } from "./requests.js";

const KEY = "console-key";
const CALLER = "console-caller";
const PASTED = "";

/** What is served: the app, whether a JWT is needed, and the callers if the page's address has the key. */
const described = () => send({ method: "GET", path: "/local/console" }, { Authorization: `Bearer ${takeKey()}` });

/** The JWT of the caller that was chosen in this tab; undefined where there is none. */
export async function chosenJwt() {
  const { callers } = await described();
  return callers.find(({ name }) => name === sessionStorage.getItem(CALLER))?.jwt;
}

/** Shows what is served, and lets the caller be chosen. */
export async function setUp(section, about) {
  const made = await described();
  about.textContent = `AppID ${made.app_id}. ${
    made.needs_jwt ? "Requests need a JWT." : "Every request counts as one of your backend."
  }`;
  if (!made.needs_jwt) {
    return;
  }
  const form = section.querySelector("form");
  const { caller: choice, jwt: pasted } = form.elements;
  choice.append(
    ...made.callers.map(({ name, jwt }) => element("option", { value: jwt }, name)),
    element("option", { value: PASTED }, "another caller: paste a JWT"),
  );
  const names = made.callers.map(({ name }) => name);
  choice.selectedIndex = Math.max(0, names.indexOf(sessionStorage.getItem(CALLER)));
  form.querySelector(".hint").textContent = names.length
    ? "USER_JWT is of a user, who gets tokens for itself alone. BACKEND_JWT is of a service, which may do all on this page."
    : "To choose among callers, open the address that make run printed.";
  const choose = () => {
    const isPasted = choice.value === PASTED;
    form.querySelector("#caller-paste").hidden = !isPasted;
    callAs(isPasted ? pasted.value : choice.value);
    sessionStorage.setItem(CALLER, choice.selectedOptions[0].textContent);
  };
  form.addEventListener("input", choose);
  form.addEventListener("submit", (event) => event.preventDefault());
  choose();
  section.hidden = false;
}

/** The key of the page's address, which is taken out of it; it is kept for this tab alone. */
function takeKey() {
  const given = new URLSearchParams(location.hash.slice(1)).get("key");
  if (given !== null) {
    sessionStorage.setItem(KEY, given);
    history.replaceState(null, "", location.pathname);
  }
  return sessionStorage.getItem(KEY) ?? "";
}
