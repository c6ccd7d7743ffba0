// Signs a user in at a Cognito user pool and gets the user's tokens. For browsers and Node.js. No dependencies.

import { fetchToken } from "../web/zego-token-client.js";

/** Signs in at `pool`, { url, clientId }. Returns Cognito's { AccessToken, RefreshToken, ExpiresIn, … }. */
export function signIn(pool, username, password) {
  return initiateAuth(pool, "USER_PASSWORD_AUTH", { USERNAME: username, PASSWORD: password });
}

/** A function that gets the user's next token for a room, as keepFresh() needs it. It renews the JWT in time. */
export function tokensOf(api, room, pool, session) {
  const url = `${api}/v1/rooms/${encodeURIComponent(room)}/tokens`;
  const expiry = ({ ExpiresIn }) => Date.now() + (ExpiresIn - 60) * 1000;
  let jwt = session.AccessToken, until = expiry(session);
  return async (request = {}) => {
    if (Date.now() > until) {
      const next = await initiateAuth(pool, "REFRESH_TOKEN_AUTH", { REFRESH_TOKEN: session.RefreshToken });
      [jwt, until] = [next.AccessToken, expiry(next)];
    }
    return fetchToken(url, request, { Authorization: `Bearer ${jwt}` });
  };
}

async function initiateAuth({ url, clientId }, flow, parameters) {
  const answer = await fetch(url, {
    method: "POST",
    headers: {
      "Content-Type": "application/x-amz-json-1.1",
      "X-Amz-Target": "AWSCognitoIdentityProviderService.InitiateAuth",
    },
    body: JSON.stringify({ ClientId: clientId, AuthFlow: flow, AuthParameters: parameters }),
  });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.message ?? body.__type);
  if (!body.AuthenticationResult) throw new Error(`Cognito asks for ${body.ChallengeName} first`);
  return body.AuthenticationResult;
}
