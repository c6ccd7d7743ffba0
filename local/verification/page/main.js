// Visits a room for each case and reports what the SDK says. Codes and fixed words only: no token is reported.

import { ZegoExpressEngine } from "zego-express-engine-webrtc";

async function ask(path, body = {}) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const content = await response.json();
  if (!response.ok) throw new Error(content.message);
  return content;
}

/** What the promise gives, or `late` after so many seconds. */
function within(seconds, promise, late) {
  let timer;
  const end = new Promise((resolve) => (timer = setTimeout(() => resolve(late), seconds * 1000)));
  return Promise.race([promise, end]).finally(() => clearTimeout(timer));
}

async function visit(name, show) {
  const { app_id, token, user_id, room_id, stream_id, does, patience } = await ask(`visit/${name}`);
  const engine = new ZegoExpressEngine(app_id, `wss://webliveroom${app_id}-api.zegocloud.com/ws`);
  const left = new Promise((resolve) => {
    engine.on("roomStateUpdate", (_room, state, code) => {
      show(`room ${state} ${code}`);
      if (state === "DISCONNECTED") resolve({ then: "left", then_code: code });
    });
  });
  const next = {
    publish: () => publish(engine, stream_id, patience),
    stay: () => within(patience, left, { then: "stayed" }),
    kick: async () => {
      await ask(`kick/${name}`).catch(() => {}); // the terminal says why
      return within(patience, left, { then: "stayed" });
    },
  };
  const began = performance.now();
  try {
    const login = engine.loginRoom(room_id, token, { userID: user_id, userName: user_id }).then(
      () => ({ login: "in" }),
      (error) => ({ login: "refused", login_code: Math.abs(Math.trunc(error?.code ?? error?.errorCode)) || 0 }),
    );
    const seen = await within(patience, login, { login: "no answer" });
    if (seen.login === "in" && does) Object.assign(seen, await next[does]());
    const seconds = Math.round((performance.now() - began) / 1000);
    return { login_code: 0, then: "", then_code: 0, seconds, ...seen };
  } finally {
    engine.logoutRoom(room_id);
    engine.destroyEngine();
  }
}

/** Whether a picture drawn here can be published. */
async function publish(engine, streamId, patience) {
  const outcome = new Promise((resolve) => {
    engine.on("publisherStateUpdate", ({ state, errorCode }) => {
      if (state === "PUBLISHING") resolve({ then: "published" });
      if (state === "NO_PUBLISH" && errorCode) resolve({ then: "refused", then_code: errorCode });
    });
  });
  const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 180 });
  const drawing = setInterval(() => {
    const context = canvas.getContext("2d");
    context.fillStyle = `hsl(${Date.now() % 360} 80% 50%)`;
    context.fillRect(0, 0, canvas.width, canvas.height);
  }, 200);
  try {
    const stream = await engine.createZegoStream({ custom: { video: { source: canvas.captureStream(5) } } });
    engine.startPublishingStream(streamId, stream);
    return await within(patience, outcome, { then: "no answer" });
  } finally {
    clearInterval(drawing);
  }
}

document.querySelector("#start").addEventListener("click", async ({ target }) => {
  target.disabled = true;
  const list = document.querySelector("#cases");
  for (const { name, title } of (await ask("cases")).cases) {
    const line = list.appendChild(Object.assign(document.createElement("li"), { textContent: `${title}: ` }));
    const output = line.appendChild(document.createElement("output"));
    const show = (text) => (output.textContent = text);
    show("…");
    try {
      const seen = await visit(name, show);
      await ask(`result/${name}`, seen);
      show([seen.login, seen.login_code, seen.then, seen.then_code].filter(Boolean).join(" "));
    } catch (error) {
      show(`failed: ${error.message ?? error}`);
    }
  }
  await ask("done");
  document.querySelector("#end").textContent = "Done. The terminal names the file with the results.";
});
