// Prints a user's token for a room: node get-token.mjs USER ROOM, with the user's password in PASSWORD.
// API_URL is the stack's output ApiUrl; CLIENT_ID is the user pool's output JwtAudience.

import { signIn, tokensOf } from "./cognito.js";

const { API_URL, AWS_REGION, CLIENT_ID, PASSWORD } = process.env;
const url = process.env.COGNITO_URL ?? `https://cognito-idp.${AWS_REGION}.amazonaws.com/`;
const [user, room] = process.argv.slice(2);

try {
  const pool = { url, clientId: CLIENT_ID };
  const next = tokensOf(API_URL, room, pool, await signIn(pool, user, PASSWORD));
  console.log(JSON.stringify(await next()));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
