// The API's description, shown by Swagger UI.

const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

window.SwaggerUIBundle({
  url: "/docs/openapi.json",
  dom_id: "#description",
  deepLinking: true,
  validatorUrl: null, // which would be a host outside
  supportedSubmitMethods: ["get", "post", "delete"],
});
