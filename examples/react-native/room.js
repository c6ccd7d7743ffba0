// Joins a room with ZEGO's Express SDK for React Native and renews its token.
// Not run here. Signatures: zego-express-engine-reactnative 3.22.0, lib/ZegoExpressEngine.d.ts.

import ZegoExpressEngine, { ZegoScenario } from "zego-express-engine-reactnative";

import { fetchToken, keepFresh } from "../web/zego-token-client.js";

/** `getJwt()` gives the user's current JWT. Returns a function that leaves the room. */
export async function join(api, getJwt, room, onEnd) {
  const url = `${api}/v1/rooms/${encodeURIComponent(room)}/tokens`;
  const fetchNext = async () => fetchToken(url, {}, { Authorization: `Bearer ${await getJwt()}` });
  const issued = await fetchNext();

  const profile = { appID: issued.app_id, appSign: "", scenario: ZegoScenario.StandardVideoCall };
  const engine = await ZegoExpressEngine.createEngineWithProfile(profile);
  const onToken = (next) => engine.renewToken(room, next.token); // the room comes first, unlike on the Web
  const fresh = keepFresh(issued, { fetchNext, onToken, onEnd });
  engine.on("roomTokenWillExpire", fresh.renew);

  const user = { userID: issued.user_id, userName: issued.user_id };
  const config = { token: issued.token, isUserStatusNotify: true, maxMemberCount: 0 };
  await engine.loginRoom(room, user, config);
  return () => {
    fresh.stop();
    return engine.logoutRoom(room);
  };
}
