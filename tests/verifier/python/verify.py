"""Verifies tokens with the library, the issuer and the algorithm of the arguments: one token a line, one answer a line.

Each library is used as its documentation says, with its default leeway.
"""

import json
import sys
import urllib.request

AUDIENCE = "fieldguard"


class Keys:
    """The keys of an issuer, for libraries that leave fetching them to the caller."""

    def __init__(self, issuer):
        self.url = f"{issuer}/.well-known/jwks.json"
        self.known = {"keys": []}

    def with_key(self, kid):
        """The keys, fetched again where none has this id."""
        if all(key["kid"] != kid for key in self.known["keys"]):
            with urllib.request.urlopen(self.url, timeout=5) as answer:
                self.known = json.load(answer)
        return self.known


def pyjwt(issuer, algorithm):
    import jwt

    # By default it fetches the keys at most once in 30 seconds, also for an unknown `kid`.
    keys = jwt.PyJWKClient(f"{issuer}/.well-known/jwks.json", cooldown_duration=0)

    def verify(token):
        if jwt.get_unverified_header(token)["typ"] != "at+jwt":
            raise jwt.InvalidTokenError("not an access token")
        key = keys.get_signing_key_from_jwt(token)
        return jwt.decode(token, key, algorithms=[algorithm], issuer=issuer, audience=AUDIENCE)

    return verify


def authlib(issuer, _algorithm):
    """The validator for RFC 9068. It takes the algorithm from the key, and does not do those that joserfc advises against."""
    from authlib.oauth2.rfc9068 import JWTBearerTokenValidator
    from joserfc import jwk, jws

    keys = Keys(issuer)

    class Validator(JWTBearerTokenValidator):
        def get_jwks(self):
            return jwk.KeySet.import_key_set(keys.with_key(self.kid))

    validator = Validator(issuer=issuer, resource_server=AUDIENCE)

    def verify(token):
        validator.kid = jws.extract_compact(token.encode()).headers()["kid"]
        claims = validator.authenticate_token(token)
        validator.validate_token(claims, scopes=None, request=None)
        return claims

    return verify


def python_jose(issuer, algorithm):
    from jose import jwt

    keys = Keys(issuer)

    def verify(token):
        header = jwt.get_unverified_header(token)
        if header["typ"] != "at+jwt":
            raise ValueError("not an access token")
        found = keys.with_key(header["kid"])
        return jwt.decode(token, found, algorithms=[algorithm], issuer=issuer, audience=AUDIENCE)

    return verify


LIBRARIES = {"PyJWT": pyjwt, "Authlib": authlib, "python-jose": python_jose}


def answer(verify, token):
    try:
        return {"sub": verify(token)["sub"]}
    except Exception as error:  # A library may refuse with any exception; the test says where it must not.
        cause = error.__cause__ or error
        return {"error": f"{type(cause).__name__}: {cause}"}


def main():
    library, issuer, algorithm = sys.argv[1:]
    verify = LIBRARIES[library](issuer, algorithm)
    for line in sys.stdin:
        print(json.dumps(answer(verify, line.strip())), flush=True)


if __name__ == "__main__":
    main()
