// Logs in to ZIM for the Web and renews the token. Users get tokens for ZIM where ZEGO_USER_ZIM_TOKENS allows it.

import { ZIM } from "zego-zim-web";

import { fetchToken, keepFresh } from "../web/zego-token-client.js";

async function logIn(api, jwt, user) {
  const headers = jwt ? { Authorization: `Bearer ${jwt}` } : {};
  const fetchNext = () => fetchToken(`${api}/v1/tokens`, { product: "zim", user_id: user }, headers);
  const issued = await fetchNext();

  const zim = ZIM.create({ appID: issued.app_id });
  const fresh = keepFresh(issued, {
    fetchNext,
    onToken: (next) => zim.renewToken(next.token).then(() => log(`renewed for ${next.expires_in} s`), report),
    onEnd: (error) => log(`no more tokens: ${error.message}`),
  });
  zim.on("tokenWillExpire", fresh.renew);
  log(`token for ${issued.expires_in} s`);
  await zim.login(issued.user_id, { userName: issued.user_id, token: issued.token });
  log("logged in");
}

function report(error) {
  log(`failed: ${error.code ?? error.status ?? ""} ${error.message}`);
}

function log(text) {
  document.querySelector("#log").append(Object.assign(document.createElement("li"), { textContent: text }));
}

document.querySelector("#join").addEventListener("submit", (event) => {
  event.preventDefault();
  const { api, jwt, user } = Object.fromEntries(new FormData(event.target));
  logIn(api, jwt, user).catch(report);
});
