// A resource server: it knows the issuer's URL and the audience, and verifies access tokens with its own library.
// FIELDGUARD_TEST_BINARY names the binary of the issuer.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { createRemoteJWKSet, customFetch, jwtVerify } from "jose";

const binary = process.env.FIELDGUARD_TEST_BINARY;
const cleanups = [];
after(() => cleanups.forEach((cleanup) => cleanup()));

/** Starts a server that signs with `algorithm`, with a generated key or with the key `pem` from a file. */
async function start(algorithm, pem) {
  const directory = mkdtempSync(join(tmpdir(), "verifier-"));
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const keyFile = join(directory, "key.pem");
  const env = { FIELDGUARD_DATA_DIR: join(directory, "data"), FIELDGUARD_LISTEN: `127.0.0.1:${port}`, FIELDGUARD_TOKEN_ALGORITHM: algorithm };
  if (pem) {
    writeFileSync(keyFile, pem, { mode: 0o600 });
    env.FIELDGUARD_TOKEN_KEY_FILE = keyFile;
  }
  const child = spawn(binary, ["serve"], { env, stdio: "ignore" });
  cleanups.push(() => {
    child.kill("SIGKILL");
    rmSync(directory, { recursive: true, force: true });
  });
  await until(async () => (await fetch(`${issuer}/readyz`)).ok);
  return { issuer, keyFile, run: (...words) => execFileSync(binary, words, { env, encoding: "utf8" }), hangUp: () => child.kill("SIGHUP") };
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function until(holds) {
  for (let tries = 0; tries < 600; tries++) {
    if (await holds().catch(() => false)) return;
    await pause(50);
  }
  assert.fail("the condition did not become true within 30 seconds");
}

async function token(issuer, username) {
  const query = "mutation Register($input: RegisterInput!) { register(input: $input) { accessToken user { id } } }";
  const body = JSON.stringify({ query, variables: { input: { username, password: "correct horse battery" } } });
  const answer = await fetch(`${issuer}/graphql`, { method: "POST", headers: { "content-type": "application/json" }, body });
  const { accessToken, user } = (await answer.json()).data.register;
  return { jwt: accessToken, id: user.id };
}

/** A resource server: discovers the keys, and verifies with the algorithm that it expects. `cooldownDuration` is the time
 * after which the library fetches the keys again for an unknown `kid`, 30 s by default. */
async function resourceServer(issuer, algorithm) {
  const configuration = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
  assert.equal(configuration.issuer, issuer);
  assert.deepEqual(configuration.access_token_signing_alg_values_supported, [algorithm]);
  let fetched = 0;
  const keys = createRemoteJWKSet(new URL(configuration.jwks_uri), {
    cooldownDuration: 0,
    [customFetch]: (...request) => (fetched++, fetch(...request)),
  });
  const expected = { issuer, audience: "fieldguard", typ: "at+jwt", algorithms: [algorithm], requiredClaims: ["sub", "sid", "exp", "nbf"] };
  return { verify: (jwt, other) => jwtVerify(jwt, keys, { ...expected, ...other }), fetched: () => fetched };
}

const rsa = () => pem("rsa", { modulusLength: 2048 });
const ed25519 = () => pem("ed25519");

function pem(kind, options) {
  return generateKeyPairSync(kind, options).privateKey.export({ type: "pkcs8", format: "pem" });
}

for (const [algorithm, key] of [["ES256"], ["RS256", rsa], ["EdDSA", ed25519]]) {
  test(`a token signed with ${algorithm} is verified, and invalid tokens are rejected`, async () => {
    const server = await start(algorithm, key?.());
    const other = await start(algorithm, key?.());
    const { verify } = await resourceServer(server.issuer, algorithm);
    const { jwt, id } = await token(server.issuer, "bob");
    const { payload, protectedHeader } = await verify(jwt);
    assert.equal(payload.sub, id);
    assert.deepEqual(payload.roles, ["user"]);
    assert.equal(protectedHeader.alg, algorithm);

    const [header, claims, signature] = jwt.split(".");
    const admin = Buffer.from(JSON.stringify({ ...payload, roles: ["admin"] })).toString("base64url");
    await assert.rejects(verify(`${header}.${admin}.${signature}`), { code: "ERR_JWS_SIGNATURE_VERIFICATION_FAILED" });
    await assert.rejects(verify(`${header}.${claims}.`));
    await assert.rejects(verify((await token(other.issuer, "bob")).jwt), { code: "ERR_JWKS_NO_MATCHING_KEY" });
    await assert.rejects(verify(jwt, { audience: "another" }), { code: "ERR_JWT_CLAIM_VALIDATION_FAILED" });
    await assert.rejects(verify(jwt, { currentDate: new Date((payload.exp + 1) * 1000) }), { code: "ERR_JWT_EXPIRED" });
  });
}

test("old tokens are verified after a rotation, and rejected after the old key is retired", async () => {
  const server = await start("ES256");
  const { verify, fetched } = await resourceServer(server.issuer, "ES256");
  const old = await token(server.issuer, "bob");
  const { protectedHeader } = await verify(old.jwt);
  assert.equal(fetched(), 1);

  const kid = server.run("keys", "rotate").split(" ")[0];
  server.hangUp();
  let fresh, number = 0;
  await until(async () => {
    fresh = (await token(server.issuer, `ann${number++}`)).jwt;
    return JSON.parse(Buffer.from(fresh.split(".")[0], "base64url")).kid === kid;
  });
  assert.equal((await verify(fresh)).protectedHeader.kid, kid);
  assert.equal(fetched(), 2, "an unknown kid causes another fetch");
  assert.equal((await verify(old.jwt)).protectedHeader.kid, protectedHeader.kid);

  server.run("keys", "retire", protectedHeader.kid);
  server.hangUp();
  await until(async () => (await (await fetch(`${server.issuer}/.well-known/jwks.json`)).json()).keys.length === 1);
  const later = await resourceServer(server.issuer, "ES256");
  await assert.rejects(later.verify(old.jwt), { code: "ERR_JWKS_NO_MATCHING_KEY" });
  assert.equal((await later.verify(fresh)).payload.iss, server.issuer);
});

test("SIGHUP reloads a changed key file", async () => {
  const server = await start("EdDSA", ed25519());
  const { verify } = await resourceServer(server.issuer, "EdDSA");
  const old = await token(server.issuer, "bob");
  const { protectedHeader } = await verify(old.jwt);
  writeFileSync(server.keyFile, ed25519());
  server.hangUp();
  await until(async () => (await (await fetch(`${server.issuer}/.well-known/jwks.json`)).json()).keys.length === 2);
  let number = 0;
  await until(async () => {
    const fresh = await verify((await token(server.issuer, `ann${number++}`)).jwt);
    return fresh.protectedHeader.kid !== protectedHeader.kid;
  });
  await verify(old.jwt);
});
