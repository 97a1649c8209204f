// Shows /openapi.yaml. After a login that is tried on the page, every other call that is
// tried there carries the token, until the page is left.
"use strict";

function rememberToken(response) {
  if (response.ok && new URL(response.url, location.href).pathname.startsWith("/auth/login")) {
    ui.preauthorizeApiKey("bearer", JSON.parse(response.text).data.token);
  }
  return response;
}

const ui = SwaggerUIBundle({
  dom_id: "#page",
  url: "/openapi.yaml",
  responseInterceptor: rememberToken,
  tryItOutEnabled: true,
  deepLinking: true,
  filter: false,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  persistAuthorization: false,
  validatorUrl: null,
});
