// oidc-provider answering introspection from its in-memory adapter, which is its best case.
// Arguments: a folder with node_modules, a file to write tokens to, one a line.
import { createRequire } from 'node:module';
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [home, out] = process.argv.slice(2);
const require = createRequire(`${home}/package.json`);
const { default: Provider } = await import(pathToFileURL(require.resolve('oidc-provider')));

// The adapter forgets what is beyond a thousand entries.
const TOKENS = 900;

const provider = new Provider('http://127.0.0.1', {
  clients: [{
    client_id: 'bench', client_secret: 'bench-secret-bench-secret', grant_types: ['client_credentials'],
    redirect_uris: [], response_types: [], token_endpoint_auth_method: 'client_secret_basic',
  }],
  features: {
    introspection: { enabled: true, allowedPolicy: () => true },
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
  },
  scopes: ['billing:read'],
  ttl: { ClientCredentials: 86400 },
});
const client = await provider.Client.find('bench');
const tokens = [];
for (let n = 0; n < TOKENS; n += 1) {
  tokens.push(await new provider.ClientCredentials({ client, scope: 'billing:read' }).save());
}
writeFileSync(out, tokens.join('\n'));
const server = provider.listen(0, '127.0.0.1', () => {
  server.keepAliveTimeout = 60_000;
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
