// A demonstration to walk through, and who walks: an admin by the set-up link, a member of a
// team, and somebody without any right, both with a token of their own.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const LISTENS = /listening on (http:\/\/\S+)/;
const LINK = /(http:\/\/\S+\/setup\/\S+)/;

const LEDGER = `external_id,kind,name,owner_email,expires_at
q-1,api_key,quarter-ledger,ines.okafor@meridian.example,2027-06-30
q-2,api_key,year-ledger,ines.okafor@meridian.example,never
`;

// Beside the demonstration's own sources one that can be read, and one that cannot.
function configuration(folder) {
  const [ledger, config] = [join(folder, "ledger.csv"), join(folder, "forewarn.toml")];
  writeFileSync(ledger, LEDGER);
  const files = (id, path) => `[sources.${id}]\nsystem = "files"\npaths = [${JSON.stringify(path)}]\n`;
  writeFileSync(config, files("ledger", ledger) + files("missing", join(folder, "missing.csv")));
  return config;
}

// Starts it. Answers where it is, the set-up link, and what ends it.
export async function demonstration(binary) {
  const folder = mkdtempSync(join(tmpdir(), "forewarn-walk-"));
  const key = join(folder, "token");
  const args = ["serve", "--demo", "--listen", "127.0.0.1:0", "--bootstrap-token-file", key];
  args.push("--config", configuration(folder));
  const server = spawn(binary, args, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  const { base, setup } = await new Promise((resolve, reject) => {
    const hear = (bytes) => {
      said += bytes;
      const [base, setup] = [LISTENS, LINK].map((what) => said.match(what)?.[1]);
      if (base && setup) resolve({ base, setup });
    };
    server.stdout.on("data", hear);
    server.stderr.on("data", hear);
    server.on("exit", () => reject(new Error(`the server ended: ${said}`)));
  });
  const stop = () => {
    server.removeAllListeners("exit");
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  return { base, setup, stop, admin: readFileSync(key, "utf8").trim() };
}

// Asks the API as the admin.
async function ask({ base, admin }, method, path, body) {
  const headers = { authorization: `Bearer ${admin}`, "content-type": "application/json" };
  const reply = await fetch(base + path, { method, headers, body: JSON.stringify(body) });
  if (!reply.ok) throw new Error(`${method} ${path}: ${await reply.text()}`);
  return reply.json();
}

// Makes somebody; answers the value of the token that they sign in with.
async function somebody(house, name, roles) {
  const email = `${name.toLowerCase().replace(" ", ".")}@example.org`;
  const person = await ask(house, "POST", "/v1/people", { name, email, roles, time_zone: "Europe/Vienna" });
  const wanted = { name: `browser of ${name}`, owner: person.id, roles, lifetime: "90d" };
  return { id: person.id, value: (await ask(house, "POST", "/v1/tokens", wanted)).value };
}

// A member of the team with most to do, who may issue tokens for what the team runs.
export async function member(house) {
  const scopes = ["tokens:issue", "tokens:revoke", "billing:read"];
  await ask(house, "POST", "/v1/roles", { name: "Member", scopes });
  const made = await somebody(house, "Mara Lindqvist", ["Member"]);
  const teams = (await ask(house, "GET", "/v1/teams")).items;
  const team = teams.find((one) => one.name === "Data Engineering");
  await ask(house, "PATCH", `/v1/teams/${team.id}`, { members: [...team.members, made.id] });
  return made.value;
}

export async function nobody(house) {
  return (await somebody(house, "Nils Ohm", ["None"])).value;
}
