// A resource server: it knows the issuer's URL and the audience, and verifies access tokens with its own library.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { after, test } from "node:test";
import { createRemoteJWKSet, customFetch, jwtVerify } from "jose";
import { ALGORITHMS, cleanUp, ed25519, rotate, start, token, until } from "./issuer.mjs";

after(cleanUp);

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

for (const [algorithm, key] of ALGORITHMS) {
  test(`a token signed with ${algorithm} is verified, and invalid tokens are rejected`, async () => {
    const server = await start(algorithm, { pem: key?.() });
    const other = await start(algorithm, { pem: key?.() });
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

  const { jwt: fresh } = await rotate(server, "ES256", old.jwt);
  assert.notEqual((await verify(fresh)).protectedHeader.kid, protectedHeader.kid);
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
  const server = await start("EdDSA", { pem: ed25519() });
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
