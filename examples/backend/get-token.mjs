// Asks the token service for a user's token, signed with the AWS credentials of your backend.
// API_URL is the stack's output ApiUrl; AWS_REGION is the region of the stack.

import { realpathSync } from "node:fs";

import { Sha256 } from "@aws-crypto/sha256-js";
import { defaultProvider } from "@aws-sdk/credential-provider-node";
import { SignatureV4 } from "@smithy/signature-v4";

const signer = new SignatureV4({
  service: "execute-api",
  region: process.env.AWS_REGION,
  credentials: defaultProvider(),
  sha256: Sha256,
});

/** The answer to `POST /v1/tokens`. Throws an Error that says what is wrong. */
export async function getToken(userId, fields = {}) {
  const url = new URL(`${process.env.API_URL}/v1/tokens`);
  const body = JSON.stringify({ user_id: userId, ...fields });
  const request = {
    method: "POST",
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    headers: { host: url.host, "content-type": "application/json" },
    body,
  };
  const { headers } = await signer.sign(request);
  const answer = await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(10_000) });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

if (process.argv[1] && realpathSync(process.argv[1]) === import.meta.filename) {
  const [user, room] = process.argv.slice(2);
  getToken(user, { room_id: room }).then(
    (issued) => console.log(JSON.stringify(issued)),
    (error) => {
      console.error(error.message);
      process.exitCode = 1;
    },
  );
}
