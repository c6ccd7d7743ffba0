// The API's description, shown by Swagger UI.

const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

const description = await (await fetch("/docs/openapi.json")).json();
window.SwaggerUIBundle({
  spec: { ...description, servers: [{ url: "/" }] }, // requests go to this server, not to a deployment
  dom_id: "#description",
  deepLinking: true,
  validatorUrl: null, // which would be a host outside
  supportedSubmitMethods: ["get", "post", "delete"],
});
