// A call with ZEGO's UIKit for React Native.
// Not run here. Signatures: @zegocloud/zego-uikit-prebuilt-call-rn 6.7.0 and zego-uikit-rn 2.19.3.

import { ZegoUIKitPrebuiltCall } from "@zegocloud/zego-uikit-prebuilt-call-rn";
import { useEffect, useRef } from "react";

import { keepFresh } from "../web/zego-token-client.js";

/** `issued` is the first answer of `fetchNext`, which asks for the token of the room, as in room.js. */
export function Call({ issued, fetchNext, name, config, onEnd }) {
  const newest = useRef(issued.token);
  useEffect(() => {
    const onToken = (next) => (newest.current = next.token);
    return keepFresh(issued, { fetchNext, onToken, onEnd }).stop;
  }, [issued]);

  return (
    <ZegoUIKitPrebuiltCall
      appID={issued.app_id}
      appSign=""
      userID={issued.user_id}
      userName={name}
      callID={issued.room_id}
      token={issued.token}
      // Called 30 seconds before the end, and not awaited: a promise would go to the SDK as the token.
      onRequireNewToken={() => newest.current}
      config={config}
    />
  );
}
