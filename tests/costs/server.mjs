// The built server with many users, and the processor time that it uses.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const PASSWORD = "a long walk by the river";
// The hash of an unused password. Importing a hash costs no hashing.
const HASH = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$9sTbSlTio3Biev89thdrlKKiCaYsjjYVJxGAL3swxpQ";
const BATCH = 100;

export async function start(users) {
  const binary = process.env.FIELDGUARD_TEST_BINARY ?? fileURLToPath(new URL("../../target/release/fieldguard", import.meta.url));
  const directory = await mkdtemp(join(tmpdir(), "fieldguard-costs-"));
  const env = {
    ...process.env,
    FIELDGUARD_DATA_DIR: join(directory, "data"),
    FIELDGUARD_LISTEN: "127.0.0.1:0",
    FIELDGUARD_ADMIN_USERNAME: "ada",
    FIELDGUARD_ADMIN_PASSWORD: PASSWORD,
  };
  const child = spawn(binary, ["serve"], { cwd: directory, env, stdio: ["ignore", "pipe", "ignore"] });
  const server = new Server(child, directory);
  for await (const line of createInterface({ input: child.stdout })) {
    server.url = line.match(/http:\S+\/graphql/)?.[0];
    if (server.url) break;
  }
  if (!server.url) throw new Error("the server did not start");
  const { data } = await server.send(`mutation { login(input: { username: "ada", password: "${PASSWORD}" }) { accessToken } }`);
  server.token = data.login.accessToken;
  for (let imported = 0; imported < users; imported += BATCH) await server.import(imported);
  return server;
}

class Server {
  constructor(child, directory) {
    this.child = child;
    this.directory = directory;
  }

  async send(query, { anonymous = false, variables } = {}) {
    const headers = { "content-type": "application/json" };
    if (this.token && !anonymous) headers.authorization = `Bearer ${this.token}`;
    const response = await fetch(this.url, { method: "POST", headers, body: JSON.stringify({ query, variables }) });
    return response.json();
  }

  async import(from) {
    const users = Array.from({ length: BATCH }, (_, n) => ({
      username: `user${from + n}`,
      email: `user${from + n}@example.org`,
      passwordHash: HASH,
    }));
    const answer = await this.send("mutation ($input: ImportUsersInput!) { importUsers(input: $input) { users { id } } }", {
      variables: { input: { users } },
    });
    if (answer.errors) throw new Error(JSON.stringify(answer.errors[0]));
  }

  // The processor time of all threads, in milliseconds.
  spent() {
    const tasks = `/proc/${this.child.pid}/task`;
    const nanoseconds = (task) => Number(readFileSync(`${tasks}/${task}/schedstat`, "utf8").split(" ")[0]);
    return readdirSync(tasks).reduce((sum, task) => sum + nanoseconds(task), 0) / 1e6;
  }

  async stop() {
    this.child.kill("SIGKILL");
    await rm(this.directory, { recursive: true });
  }
}
