// The API's description, shown by Swagger UI. It sends requests with the JWT of the console's caller.

import { chosenJwt } from "./caller.js";

const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

const description = await (await fetch("/docs/openapi.json")).json();
const ui = window.SwaggerUIBundle({
  spec: { ...description, servers: [{ url: "/" }] }, // requests go to this server, not to a deployment
  dom_id: "#description",
  deepLinking: true,
  validatorUrl: null, // which would be a host outside
  supportedSubmitMethods: ["get", "post", "delete"],
  plugins: [() => ({ components: { ServersContainer: () => null } })], // there is one server
  onComplete: async () => {
    const jwt = await chosenJwt();
    if (jwt !== undefined) {
      ui.preauthorizeApiKey("jwt", jwt);
    }
  },
});
