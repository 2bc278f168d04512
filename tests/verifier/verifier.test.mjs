// Another service: it knows the issuer's address and the audience, and verifies tokens with a library of its own. The server's
// binary is that of the environment.
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
const ended = [];
after(() => ended.forEach((end) => end()));

/** A server that signs with `algorithm`: with a key that it made, or with one from a file. */
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
  ended.push(() => {
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
  assert.fail("it never came");
}

async function token(issuer, username) {
  const query = "mutation Register($input: RegisterInput!) { register(input: $input) { accessToken user { id } } }";
  const body = JSON.stringify({ query, variables: { input: { username, password: "correct horse battery" } } });
  const answer = await fetch(`${issuer}/graphql`, { method: "POST", headers: { "content-type": "application/json" }, body });
  const { accessToken, user } = (await answer.json()).data.register;
  return { jwt: accessToken, id: user.id };
}

/** What a service does: discovers the keys, and verifies with the one algorithm it expects. `cooldownDuration` is how soon
 * the library asks again for a `kid` that it does not know; 30 s unless told. */
async function service(issuer, algorithm) {
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
  test(`a token signed with ${algorithm} is verified, and nothing that is not one`, async () => {
    const server = await start(algorithm, key?.());
    const other = await start(algorithm, key?.());
    const { verify } = await service(server.issuer, algorithm);
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

test("after a rotation new and old tokens are verified, and after its retirement none of the old key", async () => {
  const server = await start("ES256");
  const { verify, fetched } = await service(server.issuer, "ES256");
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
  assert.equal(fetched(), 2, "the unknown kid made it ask again");
  assert.equal((await verify(old.jwt)).protectedHeader.kid, protectedHeader.kid);

  server.run("keys", "retire", protectedHeader.kid);
  server.hangUp();
  await until(async () => (await (await fetch(`${server.issuer}/.well-known/jwks.json`)).json()).keys.length === 1);
  const later = await service(server.issuer, "ES256");
  await assert.rejects(later.verify(old.jwt), { code: "ERR_JWKS_NO_MATCHING_KEY" });
  assert.equal((await later.verify(fresh)).payload.iss, server.issuer);
});

test("a key file that changes is followed at SIGHUP", async () => {
  const server = await start("EdDSA", ed25519());
  const { verify } = await service(server.issuer, "EdDSA");
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
