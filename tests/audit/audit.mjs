// Starts the built server, or the one in FIELDGUARD_TEST_BINARY, on an empty data directory and runs the reference audit of
// GraphQL over HTTP. Every case must be `ok`, including those that the specification only recommends.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { serverAudits } from "graphql-http";

// A server other than Fieldguard may need other arguments.
const words = process.env.FIELDGUARD_TEST_ARGUMENTS?.split(" ") ?? ["serve"];
const EXPECTED = 61;
const binary =
  process.env.FIELDGUARD_TEST_BINARY ??
  fileURLToPath(new URL("../../target/release/fieldguard", import.meta.url));

// Port 0: the system chooses the port, and the server prints it in its first line.
async function start(directory) {
  const env = { ...process.env, FIELDGUARD_DATA_DIR: join(directory, "data"), FIELDGUARD_LISTEN: "127.0.0.1:0" };
  const server = spawn(binary, words, { cwd: directory, env, stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: server.stdout })) {
    const url = line.match(/http:\S+\/graphql/)?.[0];
    if (url) return { server, url };
  }
  throw new Error("the server did not start");
}

const directory = await mkdtemp(join(tmpdir(), "fieldguard-audit-"));
const { server, url } = await start(directory);
let ok = 0;
try {
  const audits = serverAudits({ url });
  for (const audit of audits) {
    const result = await audit.fn();
    if (result.status === "ok") ok += 1;
    else console.log(`${result.status}: ${audit.id} ${audit.name}: ${result.reason}`);
  }
  console.log(`GraphQL over HTTP: ${ok} of ${audits.length} audits are ok.`);
  process.exitCode = ok === audits.length && ok >= EXPECTED ? 0 : 1;
} finally {
  const ended = once(server, "exit");
  server.kill("SIGTERM");
  await ended;
  await rm(directory, { recursive: true, force: true });
}
