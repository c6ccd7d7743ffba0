// Starts a call with ZEGO's UIKit for the Web. The service answers with the kit token that UIKit takes.

import { ZegoUIKitPrebuilt } from "@zegocloud/zego-uikit-prebuilt";

import { fetchToken, keepFresh } from "../web/zego-token-client.js";

async function join(api, jwt, room, name) {
  const url = `${api}/v1/rooms/${encodeURIComponent(room)}/tokens`;
  const headers = jwt ? { Authorization: `Bearer ${jwt}` } : {};
  const fetchNext = () => fetchToken(url, { product: "uikit", user_name: name }, headers);
  const issued = await fetchNext();

  const call = ZegoUIKitPrebuilt.create(issued.kit_token);
  const fresh = keepFresh(issued, {
    fetchNext,
    onToken: (next) => call.renewToken(next.kit_token),
    onEnd: (error) => log(`no more tokens: ${error.message}`),
  });
  call.joinRoom({
    container: document.querySelector("#call"),
    showPreJoinView: false,
    scenario: { mode: ZegoUIKitPrebuilt.GroupCall },
    onTokenWillExpire: fresh.renew,
    onLeaveRoom: fresh.stop,
  });
  log(`token for ${issued.expires_in} s`);
}

function log(text) {
  document.querySelector("#log").append(Object.assign(document.createElement("li"), { textContent: text }));
}

document.querySelector("#join").addEventListener("submit", (event) => {
  event.preventDefault();
  const { api, jwt, room, name } = Object.fromEntries(new FormData(event.target));
  join(api, jwt, room, name).catch((error) => log(`failed: ${error.status ?? ""} ${error.message}`));
});
