// Joins a room with ZEGO's Express SDK for the Web and renews its token.

import { ZegoExpressEngine } from "zego-express-engine-webrtc";

import { fetchToken, keepFresh } from "./zego-token-client.js";

let leave = () => {};

async function join(api, jwt, room) {
  const url = `${api}/v1/rooms/${encodeURIComponent(room)}/tokens`;
  const fetchNext = () => fetchToken(url, {}, jwt ? { Authorization: `Bearer ${jwt}` } : {});
  const issued = await fetchNext();

  const engine = new ZegoExpressEngine(issued.app_id, `wss://webliveroom${issued.app_id}-api.zegocloud.com/ws`);
  const fresh = keepFresh(issued, {
    fetchNext,
    onToken: (next) => {
      engine.renewToken(next.token, room); // on the Web, the token comes first
      log(`renewed for ${next.expires_in} s`);
    },
    onEnd: (error) => log(`no more tokens: ${error.message}`),
  });
  engine.on("tokenWillExpire", fresh.renew);
  engine.on("roomStateUpdate", (_room, state, code) => log(`room ${state} ${code}`));
  leave = () => {
    fresh.stop();
    engine.logoutRoom(room);
  };

  log(`token for ${issued.expires_in} s`);
  await engine.loginRoom(room, issued.token, { userID: issued.user_id, userName: issued.user_id });
  log("logged in");
}

function log(text) {
  document.querySelector("#log").append(Object.assign(document.createElement("li"), { textContent: text }));
}

document.querySelector("#join").addEventListener("submit", (event) => {
  event.preventDefault();
  leave();
  const { api, jwt, room } = Object.fromEntries(new FormData(event.target));
  join(api, jwt, room).catch((error) => log(`failed: ${error.code ?? error.status ?? ""} ${error.message ?? error.msg}`));
});
document.querySelector("#leave").addEventListener("click", () => leave());
