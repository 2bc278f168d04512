// Libraries for Node as their documentation uses them, with their default leeway. Each entry makes a function that
// verifies tokens and answers their claims.
import { createVerifier } from "fast-jwt";
import { createRemoteJWKSet, jwtVerify } from "jose";
import jsonwebtoken from "jsonwebtoken";
import jwksRsa from "jwks-rsa";

const audience = "fieldguard";
const url = (issuer) => `${issuer}/.well-known/jwks.json`;

/** jose fetches the keys at most once in 30 seconds by default, also for an unknown `kid`. */
function jose(issuer, algorithm) {
  const keys = createRemoteJWKSet(new URL(url(issuer)), { cooldownDuration: 0 });
  const expected = { issuer, audience, typ: "at+jwt", algorithms: [algorithm] };
  return async (jwt) => (await jwtVerify(jwt, keys, expected)).payload;
}

/** Finds public keys by their id. */
function keysOf(issuer) {
  const keys = jwksRsa({ jwksUri: url(issuer) });
  return async (kid) => (await keys.getSigningKey(kid)).getPublicKey();
}

function jsonwebtokenWithJwksRsa(issuer, algorithm) {
  const key = keysOf(issuer);
  const find = ({ kid }, done) => key(kid).then((found) => done(null, found), done);
  const expected = { issuer, audience, algorithms: [algorithm], complete: true };
  return (jwt) =>
    new Promise((resolve, reject) => {
      jsonwebtoken.verify(jwt, find, expected, (error, found) => {
        if (error) return reject(error);
        return found.header.typ === "at+jwt" ? resolve(found.payload) : reject(new Error("not an access token"));
      });
    });
}

function fastJwt(issuer, algorithm) {
  const key = keysOf(issuer);
  return createVerifier({
    key: ({ header }) => key(header.kid),
    algorithms: [algorithm],
    allowedIss: issuer,
    allowedAud: audience,
    checkTyp: "at+jwt",
  });
}

export const LIBRARIES = { jose, "jsonwebtoken with jwks-rsa": jsonwebtokenWithJwksRsa, "fast-jwt with jwks-rsa": fastJwt };
