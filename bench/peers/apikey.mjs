// better-auth with its api-key plugin on SQLite, as its manual sets it up, rate limit off.
// Arguments: a folder with node_modules, a file to write keys to, a file for the database.
import { createRequire } from 'node:module';
import { createServer } from 'node:http';
import { DatabaseSync } from 'node:sqlite';
import { rmSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [home, out, file] = process.argv.slice(2);
const require = createRequire(`${home}/package.json`);
const load = (name) => import(pathToFileURL(require.resolve(name)));
const { betterAuth } = await load('better-auth');
const { getMigrations } = await load('better-auth/db/migration');
const { apiKey } = await load('@better-auth/api-key');

const KEYS = 2000;

for (const ending of ['', '-wal', '-shm']) rmSync(file + ending, { force: true });
const database = new DatabaseSync(file);
database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
const options = {
  database,
  secret: 'bench-secret-bench-secret-bench-secret',
  baseURL: 'http://127.0.0.1',
  emailAndPassword: { enabled: true },
  plugins: [apiKey({ rateLimit: { enabled: false } })],
  telemetry: { enabled: false },
};
const { runMigrations } = await getMigrations(options);
await runMigrations();
const auth = betterAuth(options);
const { user } = await auth.api.signUpEmail({
  body: { name: 'Bench', email: 'bench@example.org', password: 'correct horse battery staple' },
});
const keys = [];
for (let n = 0; n < KEYS; n += 1) {
  keys.push((await auth.api.createApiKey({ body: { name: `key-${n}`, userId: user.id } })).key);
}
writeFileSync(out, keys.join('\n'));
const server = createServer(async (request, response) => {
  const { valid, key } = await auth.api.verifyApiKey({ body: { key: request.headers['x-api-key'] } });
  const body = JSON.stringify({ valid, id: key?.id, name: key?.name, expiresAt: key?.expiresAt });
  response.writeHead(valid ? 200 : 401, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
