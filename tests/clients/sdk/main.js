// ZEGO's SDKs as globals, for tests that call them directly.

import { ZegoUIKitPrebuilt } from "@zegocloud/zego-uikit-prebuilt";
import { ZegoExpressEngine } from "zego-express-engine-webrtc";
import { ZIM } from "zego-zim-web";

Object.assign(window, { ZegoExpressEngine, ZegoUIKitPrebuilt, ZIM });
