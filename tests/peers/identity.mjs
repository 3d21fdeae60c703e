// A real OpenID Connect provider (npm oidc-provider) in which one person consents at once.
// node identity.mjs NODE_MODULES PORT REDIRECT_URI; prints "ready" when it listens.
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

// Whoever started this reads until "ready" and then no more.
process.stdout.on("error", () => {});

const [modules, port, redirect] = process.argv.slice(2);
const require = createRequire(path.join(path.resolve(modules), "x.js"));
const { default: Provider } = await import(pathToFileURL(require.resolve("oidc-provider")));

const issuer = `http://127.0.0.1:${port}`;
const provider = new Provider(issuer, {
  clients: [{ client_id: "forewarn", client_secret: "s3cret-of-the-client", redirect_uris: [redirect] }],
  claims: { openid: ["sub", "groups"], email: ["email", "email_verified"], profile: ["name"] },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  cookies: { keys: ["only-for-tests"] },
  findAccount: (_, sub) => ({
    accountId: sub,
    claims: () => ({ sub, email: "ada@example.org", email_verified: true, name: "Ada Lovelace", groups: ["admins"] }),
  }),
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope("openid email profile");
    await grant.save();
    return grant;
  },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, interaction) => `/login/${interaction.uid}` },
});
provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith("/login/")) return next();
  await provider.interactionFinished(ctx.req, ctx.res, { login: { accountId: "4711" } });
  ctx.respond = false;
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
