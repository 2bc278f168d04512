// The built server on an empty data directory, with the administrator `ada`.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

export const root = join(import.meta.dirname, "../..");
export const ADMIN = { username: "ada", password: "a long walk by the river" };

const binary = process.env.FIELDGUARD_TEST_BINARY ?? join(root, "target/release/fieldguard");

/** Resolves to `{ origin, stop }` when the server accepts connections. `variables` are further settings. */
export async function startServer(variables = {}) {
  const data = mkdtempSync(join(tmpdir(), "fieldguard-browser-"));
  // The system chooses the port, and the server prints it.
  const env = { ...process.env, FIELDGUARD_DATA_DIR: data, FIELDGUARD_LISTEN: "127.0.0.1:0", FIELDGUARD_LOG_LEVEL: "off",
    // Without a grace period, a refresh token that two tabs use is detected as reuse immediately.
    FIELDGUARD_SESSION_REFRESH_GRACE: "0s", ...variables };
  execFileSync(binary, ["admin", "create", ADMIN.username, "--password-stdin"], { env, input: `${ADMIN.password}\n` });
  const server = spawn(binary, ["serve"], { env, stdio: ["ignore", "pipe", "inherit"] });
  // Also if the tests are interrupted.
  process.once("exit", () => server.kill());
  const stop = async () => {
    const ended = new Promise((resolve) => server.once("exit", resolve));
    if (server.exitCode === null && server.kill()) await ended;
    rmSync(data, { recursive: true, force: true });
  };
  for await (const line of createInterface({ input: server.stdout })) {
    const origin = line.match(/http:\/\/[\d.]+:\d+/)?.[0];
    if (origin) return { origin, stop };
  }
  await stop();
  throw new Error("the server exited before it listened");
}
