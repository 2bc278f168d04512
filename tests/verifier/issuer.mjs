// Starts issuers, each on an empty data directory. FIELDGUARD_TEST_BINARY names their binary, and
// FIELDGUARD_TEST_FAKETIME the library libfaketime.so.1.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const binary = process.env.FIELDGUARD_TEST_BINARY;
const cleanups = [];
export const cleanUp = () => cleanups.splice(0).forEach((cleanup) => cleanup());

/** Starts a server that signs with `algorithm`, with a generated key or with the key `pem` from a file. Its clock is
 * `ahead` seconds ahead. */
export async function start(algorithm, { pem, ahead = 0 } = {}) {
  const directory = mkdtempSync(join(tmpdir(), "verifier-"));
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const keyFile = join(directory, "key.pem");
  const env = { FIELDGUARD_DATA_DIR: join(directory, "data"), FIELDGUARD_LISTEN: `127.0.0.1:${port}`, FIELDGUARD_TOKEN_ALGORITHM: algorithm };
  if (pem) {
    writeFileSync(keyFile, pem, { mode: 0o600 });
    env.FIELDGUARD_TOKEN_KEY_FILE = keyFile;
  }
  const child = spawn(binary, ["serve"], { env: { ...env, ...(ahead && clock(ahead)) }, stdio: "ignore" });
  cleanups.push(() => {
    child.kill("SIGKILL");
    rmSync(directory, { recursive: true, force: true });
  });
  await until(async () => (await fetch(`${issuer}/readyz`)).ok);
  return { issuer, keyFile, run: (...words) => execFileSync(binary, words, { env, encoding: "utf8" }), hangUp: () => child.kill("SIGHUP") };
}

function clock(ahead) {
  const library = process.env.FIELDGUARD_TEST_FAKETIME;
  assert.ok(library, "FIELDGUARD_TEST_FAKETIME names no library");
  return { LD_PRELOAD: library, FAKETIME: `+${ahead}s`, FAKETIME_DONT_FAKE_MONOTONIC: "1" };
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

export async function until(holds) {
  for (let tries = 0; tries < 600; tries++) {
    if (await holds().catch(() => false)) return;
    await pause(50);
  }
  assert.fail("the condition did not become true within 30 seconds");
}

export async function token(issuer, username) {
  const query = "mutation Register($input: RegisterInput!) { register(input: $input) { accessToken user { id } } }";
  const body = JSON.stringify({ query, variables: { input: { username, password: "correct horse battery" } } });
  const answer = await fetch(`${issuer}/graphql`, { method: "POST", headers: { "content-type": "application/json" }, body });
  const { accessToken, user } = (await answer.json()).data.register;
  return { jwt: accessToken, id: user.id };
}

export function keyId(jwt) {
  return JSON.parse(Buffer.from(jwt.split(".")[0], "base64url")).kid;
}

/** Lets the server sign with another key, and answers a token of that key. */
export async function rotate(server, algorithm, former) {
  const key = { RS256: rsa, EdDSA: ed25519 }[algorithm];
  if (key) writeFileSync(server.keyFile, key());
  else server.run("keys", "rotate");
  server.hangUp();
  let fresh, number = 0;
  await until(async () => {
    fresh = await token(server.issuer, `ann${number++}`);
    return keyId(fresh.jwt) !== keyId(former);
  });
  return fresh;
}

export const rsa = () => pem("rsa", { modulusLength: 2048 });
export const ed25519 = () => pem("ed25519");
/** What signs with each algorithm: a generated key, or one from a file. */
export const ALGORITHMS = [["ES256"], ["RS256", rsa], ["EdDSA", ed25519]];

function pem(kind, options) {
  return generateKeyPairSync(kind, options).privateKey.export({ type: "pkcs8", format: "pem" });
}
