#!/usr/bin/env python3
"""Prints hashes of passwords, one JSON object a line, each made by the library that its form belongs to.

    python3 -m venv hashes && . hashes/bin/activate && pip install -r requirements.txt
    npm ci && python3 hashes.py > hashes.jsonl

Forms whose library this machine lacks come from published test vectors (`vectors.jsonl`, which names their source).
`--cheap` leaves out what needs anything besides the Python libraries.
"""

import base64, hashlib, hmac, json, os, shutil, subprocess, sys

PASSWORD = "a long walk by the river"
HERE = os.path.dirname(os.path.abspath(__file__))


def werkzeug():
    from werkzeug.security import generate_password_hash as generate

    for method in ["scrypt", "scrypt:16384:8:1", "pbkdf2", "pbkdf2:sha256:260000", "pbkdf2:sha512:210000", "pbkdf2:sha1:50000"]:
        yield "Werkzeug", generate(PASSWORD, method)


def django():
    import django
    from django.conf import settings
    from django.contrib.auth.hashers import make_password

    hashers = ["PBKDF2", "PBKDF2SHA1", "Argon2", "BCryptSHA256", "BCrypt", "Scrypt"]
    settings.configure(PASSWORD_HASHERS=[f"django.contrib.auth.hashers.{name}PasswordHasher" for name in hashers])
    django.setup()
    for name in ["pbkdf2_sha256", "pbkdf2_sha1", "argon2", "bcrypt_sha256", "bcrypt", "scrypt"]:
        yield "Django", make_password(PASSWORD, hasher=name)


def passlib():
    from passlib import hash as forms

    yield "passlib", forms.pbkdf2_sha1.hash(PASSWORD)
    yield "passlib", forms.pbkdf2_sha256.hash(PASSWORD)
    yield "passlib", forms.pbkdf2_sha512.hash(PASSWORD)
    yield "passlib", forms.scrypt.using(rounds=14).hash(PASSWORD)
    yield "passlib", forms.bcrypt.using(rounds=5).hash(PASSWORD)
    yield "passlib", forms.bcrypt_sha256.using(rounds=5).hash(PASSWORD)
    yield "passlib", forms.bcrypt_sha256.using(rounds=5, version=1).hash(PASSWORD)
    yield "passlib", forms.django_bcrypt_sha256.using(rounds=5).hash(PASSWORD)
    yield "WordPress before 6.8, as passlib writes it", forms.phpass.hash(PASSWORD)
    yield "phpBB, as passlib writes it", forms.phpass.using(ident="H").hash(PASSWORD)


def argon2_and_bcrypt():
    import argon2, bcrypt

    yield "argon2-cffi", argon2.PasswordHasher().hash(PASSWORD)
    # 7 MiB and 5 passes are Keycloak's.
    yield "argon2-cffi", argon2.PasswordHasher(time_cost=5, memory_cost=7168, parallelism=1).hash(PASSWORD)
    yield "argon2-cffi", argon2.PasswordHasher(memory_cost=1024, type=argon2.Type.I).hash(PASSWORD)
    yield "bcrypt", bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(5)).decode()


def keycloak():
    """As the guide tells to write Keycloak's credentials, whose keys have 64 bytes."""
    for digest, iterations in [("sha256", 27_500), ("sha512", 30_000)]:
        salt = os.urandom(16)
        key = hashlib.pbkdf2_hmac(digest, PASSWORD.encode(), salt, iterations, 64)
        text = lambda value: base64.b64encode(value).decode()
        yield "Keycloak, by hashlib", f"$pbkdf2-{digest}$i={iterations},l=64${text(salt)}${text(key)}"


def spring():
    """As Spring Security 5.8 writes them, by hashlib: salt and key in one, or each in base64."""
    salt = os.urandom(16)
    key = hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), salt, 310_000, 32)
    yield "Spring 5.8, by hashlib", "{pbkdf2@SpringSecurity_v5_8}" + (salt + key).hex()
    salt = os.urandom(8)
    key = hashlib.pbkdf2_hmac("sha1", PASSWORD.encode(), salt, 185_000, 32)
    yield "Spring 5.5, by hashlib", "{pbkdf2}" + (salt + key).hex()
    salt = os.urandom(16)
    key = hashlib.scrypt(PASSWORD.encode(), salt=salt, n=65_536, r=8, p=1, dklen=32, maxmem=1 << 27)
    text = lambda value: base64.b64encode(value).decode()
    yield "Spring 5.8, by hashlib", "{scrypt@SpringSecurity_v5_8}$100801$" + text(salt) + "$" + text(key)
    import argon2, bcrypt

    yield "Spring, by bcrypt", "{bcrypt}" + bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(5, b"2a")).decode()
    spring = argon2.PasswordHasher(time_cost=2, memory_cost=16_384, parallelism=1)
    yield "Spring, by argon2-cffi", "{argon2@SpringSecurity_v5_8}" + spring.hash(PASSWORD)


def wordpress():
    """As wp_hash_password of WordPress 6.8, with PHP's password_hash."""
    code = "echo '$wp' . password_hash(base64_encode(hash_hmac('sha384', $argv[1], 'wp-sha384', true)), PASSWORD_BCRYPT, ['cost' => 5]);"
    if shutil.which("php"):
        yield "WordPress 6.8, by PHP", subprocess.check_output(["php", "-r", code, PASSWORD], text=True)


def dovecot():
    for scheme in ["PBKDF2", "BLF-CRYPT", "ARGON2ID", "ARGON2I"]:
        if shutil.which("doveadm"):
            line = subprocess.check_output(["doveadm", "pw", "-s", scheme, "-p", PASSWORD], text=True)
            yield "Dovecot", line.strip()


def better_auth():
    script = "import('@better-auth/utils/password').then(async m => console.log(await m.hashPassword(process.argv[1])))"
    yield "better-auth", subprocess.check_output(["node", "-e", script, PASSWORD], text=True, cwd=HERE).strip()


PYTHON = [werkzeug, django, passlib, argon2_and_bcrypt, keycloak, spring]
OTHERS = [wordpress, dovecot, better_auth]

for family in PYTHON + ([] if "--cheap" in sys.argv else OTHERS):
    for library, text in family():
        print(json.dumps({"library": library, "password": PASSWORD, "hash": text}))
