// The table of libraries in docs/src/guides/verifying-tokens.md: each verifies new tokens of an issuer whose clock is
// ahead, before and after a rotation. FIELDGUARD_TEST_PYTHON names a Python that has the libraries, and
// FIELDGUARD_TEST_GO the program of go/verify.go.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { ALGORITHMS, cleanUp, rotate, start, token } from "./issuer.mjs";
import { LIBRARIES as NODE } from "./node.mjs";

/** What each library can do: its algorithms, and whether it refuses tokens from the future. */
const LIBRARIES = {
  jose: { algorithms: ["ES256", "RS256", "EdDSA"], refusesEarly: true },
  "jsonwebtoken with jwks-rsa": { algorithms: ["ES256", "RS256"], refusesEarly: true },
  "fast-jwt with jwks-rsa": { algorithms: ["ES256", "RS256", "EdDSA"], refusesEarly: true },
  PyJWT: { algorithms: ["ES256", "RS256", "EdDSA"], refusesEarly: true },
  Authlib: { algorithms: ["ES256", "RS256"], refusesEarly: true },
  "python-jose": { algorithms: ["ES256", "RS256"], refusesEarly: true },
  // Its default leeway is a minute.
  "go-oidc": { algorithms: ["ES256", "RS256", "EdDSA"], refusesEarly: false },
};

const processes = [];
after(() => {
  processes.forEach((child) => child.kill());
  cleanUp();
});

function verifier(library, issuer, algorithm) {
  if (library === "go-oidc") return inProcess(process.env.FIELDGUARD_TEST_GO, issuer, algorithm);
  return NODE[library]?.(issuer, algorithm) ?? inProcess(process.env.FIELDGUARD_TEST_PYTHON, "python/verify.py", library, issuer, algorithm);
}

/** A verifier in a process of its own, which keeps the keys that it fetched. */
function inProcess(program, ...words) {
  const child = spawn(program, words, { stdio: ["pipe", "pipe", "inherit"] });
  processes.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async (jwt) => {
    child.stdin.write(`${jwt}\n`);
    const claims = JSON.parse((await lines.next()).value);
    if (claims.error) throw new Error(claims.error);
    return claims;
  };
}

const subjects = async (verify, tokens) => {
  const found = [];
  for (const { jwt } of tokens) found.push((await verify(jwt)).sub);
  return found;
};
const ids = (tokens) => tokens.map(({ id }) => id);

for (const [algorithm, key] of ALGORITHMS) {
  describe(algorithm, () => {
    let server, old, verifiers;
    before(async () => {
      server = await start(algorithm, { pem: key?.(), ahead: 2 });
      old = await token(server.issuer, "bob");
      verifiers = Object.keys(LIBRARIES).map((library) => [library, verifier(library, server.issuer, algorithm)]);
    });

    test("new tokens are verified by a machine whose clock is 2 seconds behind", async () => {
      for (const [library, verify] of verifiers) {
        const { jwt, id } = await token(server.issuer, library.replace(/\W/g, ""));
        if (LIBRARIES[library].algorithms.includes(algorithm)) {
          assert.equal((await verify(jwt)).sub, id, library);
          await verify(old.jwt);
        } else {
          await assert.rejects(verify(jwt), `${library} verifies ${algorithm}; correct the table`);
        }
      }
    });

    test("tokens are verified across a rotation", async () => {
      const tokens = [old, await rotate(server, algorithm, old.jwt)];
      for (const [library, verify] of verifiers.filter(([library]) => LIBRARIES[library].algorithms.includes(algorithm))) {
        assert.deepEqual(await subjects(verify, tokens), ids(tokens), library);
      }
    });
  });
}

test("libraries with a leeway below 10 seconds that check `nbf` or `iat` refuse tokens from more than 30 seconds ahead", async () => {
  const { issuer } = await start("ES256", { ahead: 40 });
  const { jwt } = await token(issuer, "bob");
  for (const [library, { refusesEarly }] of Object.entries(LIBRARIES)) {
    const outcome = await verifier(library, issuer, "ES256")(jwt).then(() => false, () => true);
    assert.equal(outcome, refusesEarly, library);
  }
});
