//! Tests with hashes of other programs. `tests/import` has those of the libraries that people use.

use fieldguard_domain::password::{Password, PasswordHash};
use serde_json::Value;

use super::*;
use crate::hasher::{HashSettings, Verdict, engine};

const PASSWORD: &str = "a long walk by the river";

/// Hashes made by the libraries themselves, and published ones of libraries that are not at hand.
const CORPUS: [&str; 2] = [
    include_str!("../../../../../tests/import/hashes.jsonl"),
    include_str!("../../../../../tests/import/vectors.jsonl"),
];

fn matches(text: &str, password: &str) -> bool {
    read(text).unwrap_or_else(|refusal| panic!("{text}: {refusal}")).matches(password.as_bytes())
}

fn refusal(text: &str) -> UnsupportedHash {
    read(text).err().unwrap_or_else(|| panic!("{text:.80} is read"))
}

#[test]
fn hashes_of_real_libraries_are_verified() {
    let settings = HashSettings { memory_kib: 64, iterations: 1, parallelism: 1, threads: 1, queue: 1 };
    let mut engine = engine::Engine::new(&settings, std::sync::Arc::default());
    for line in CORPUS.iter().flat_map(|file| file.lines()) {
        let entry: Value = serde_json::from_str(line).unwrap();
        let [library, password, text] = ["library", "password", "hash"].map(|key| entry[key].as_str().unwrap());
        let stored = PasswordHash::from_phc(without_argon2_prefix(text).to_owned());
        let mut verdict = |password: &str| engine.verify(&Password::presented(password.to_owned()), Some(&stored));
        assert!(matches!(verdict(password), Verdict::Right { .. }), "{library}: {text}");
        let wrong = format!("{}x", &password[1..]);
        assert!(matches!(verdict(&wrong), Verdict::Wrong), "{library}: {text} takes a wrong password");
    }
}

#[test]
fn hashes_of_other_programs_are_verified() {
    for text in [
        "$2b$04$abcdefghijklmnopqrstuuoz7c6Ms7VDN7XOQ23dlY9HzXWZjhQ96",
        "$pbkdf2-sha256$i=1000,l=32$MDEyMzQ1Njc4OWFiY2RlZg$qFja6QcU4jFNrYrY58M6oJ6PSVwOaVbYxYaY6f1wfQM",
        "$pbkdf2-sha256$i=1000$MDEyMzQ1Njc4OWFiY2RlZg$qFja6QcU4jFNrYrY58M6oJ6PSVwOaVbYxYaY6f1wfQM",
        "$pbkdf2-sha256$1000$MDEyMzQ1Njc4OWFiY2RlZg$qFja6QcU4jFNrYrY58M6oJ6PSVwOaVbYxYaY6f1wfQM",
        "pbkdf2_sha256$1000$Zq3saltsaltsalt$oyzaUK+5/jRYw/JP81IP6aYp7mWpUtL+wir2fnW2qzQ=",
        "$pbkdf2-sha512$i=1000,l=64$MDEyMzQ1Njc4OWFiY2RlZg$tEvzsVWLfxD2jEBP7RwlGfI4vxjXvzF9KwG1UCeqVlBwU/515wIKOYmF5VXZfHDSiGHhdhq2xLQgpDcmn8Yt7g",
        "pbkdf2_sha512$1000$Zq3saltsaltsalt$BpMpwoyTNERXxYEgKZptlLTKNZ4VGQEANdmpbw/dozLMclPmnd9UltF7kiWBIOAxmUYZqyzDhCTh1lHNxIYstQ==",
    ] {
        assert!(matches(text, PASSWORD), "{text}");
        for wrong in ["", "a long walk by the rive", "a long walk by the river ", "A long walk by the river"] {
            assert!(!matches(text, wrong), "{text} takes `{wrong}`");
        }
    }
    for (text, password) in [
        ("$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s.", ""),
        ("$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe", "a"),
        ("$2b$04$abcdefghijklmnopqrstuuCi15uRb1eH7NAlJ/TgeJertyknQpYn2", "abc"),
        ("$2y$04$abcdefghijklmnopqrstuuCi15uRb1eH7NAlJ/TgeJertyknQpYn2", "abc"),
    ] {
        assert!(matches(text, password), "{text}");
    }
}

#[test]
fn a_longer_password_or_a_zero_byte_does_not_match() {
    let long = "$2y$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i";
    assert!(matches(long, &"x".repeat(72)));
    assert!(!matches(long, &"x".repeat(73)), "bcrypt ignores the 73rd byte");
    assert!(!matches(long, &"x".repeat(71)));
    let short = "$2a$04$abcdefghijklmnopqrstuuCi15uRb1eH7NAlJ/TgeJertyknQpYn2";
    assert!(!matches(short, "abc\0abc"), "bcrypt repeats a short password");
    let padded = "pbkdf2_sha256$1000$Zq3saltsaltsalt$oyzaUK+5/jRYw/JP81IP6aYp7mWpUtL+wir2fnW2qzQ=";
    assert!(!matches(padded, &format!("{PASSWORD}\0")), "HMAC pads a key with zeros");
}

#[test]
fn expensive_and_unknown_hashes_are_refused() {
    let (salt, tail) = ("MDEyMzQ1Njc4OWFiY2RlZg", "qFja6QcU4jFNrYrY58M6oJ6PSVwOaVbYxYaY6f1wfQM");
    let bcrypt = "abcdefghijklmnopqrstuuCi15uRb1eH7NAlJ/TgeJertyknQpYn2";
    for text in [
        String::new(),
        "password".to_owned(),
        "$".repeat(10_000),
        format!("$2b$15${bcrypt}"),
        format!("$2b$31${bcrypt}"),
        format!("$2b$03${bcrypt}"),
        format!("$2b$+4${bcrypt}"),
        format!("$2b$4${bcrypt}"),
        format!("$2x$04${bcrypt}"),
        format!("$2$04${bcrypt}"),
        format!("$2b$04${}", &bcrypt[1..]),
        format!("$2b$04${bcrypt}a"),
        format!("$2b$04$äbcdefghijklmnopqrst{}", &bcrypt[21..]),
        "$2b$04$abc".to_owned(),
        format!("$pbkdf2-sha256$i=3000001${salt}${tail}"),
        format!("$pbkdf2-sha256$i=999${salt}${tail}"),
        format!("$pbkdf2-sha256$i=4294967296${salt}${tail}"),
        format!("$pbkdf2-sha256$i=-1000${salt}${tail}"),
        format!("$pbkdf2-sha256$i=+1000${salt}${tail}"),
        format!("$pbkdf2-sha256$${salt}${tail}"),
        format!("$pbkdf2-sha256$i=1000,l=31${salt}${tail}"),
        format!("$pbkdf2-sha256$i=1000,l=32,x=1${salt}${tail}"),
        format!("$pbkdf2-sha256$i=1000${salt}$qFja6Q"),
        format!("$pbkdf2-sha256$i=1000${salt}${}", "A".repeat(88)),
        format!("$pbkdf2-sha256$i=1000$AAAA${tail}"),
        format!("$pbkdf2-sha256$i=1000${}${tail}", "A".repeat(100)),
        format!("$pbkdf2-sha256$i=1000${salt}${tail}$x"),
        format!("$pbkdf2-md5$i=1000${salt}${tail}"),
        format!("$pbkdf2-sha1$i=1500001${salt}${tail}"),
        format!("pbkdf2_md5$1000${salt}${tail}"),
        format!("pbkdf2:sha256:100${salt}${}", "a".repeat(64)),
        format!("pbkdf2:sha256:1000${salt}${}", "g".repeat(64)),
        format!("pbkdf2_sha256$1000${salt}${tail}!"),
        format!("$argon2id$v=19$m=64,t=2,p=1${salt}${tail}"),
        format!("$scrypt$ln=18,r=8,p=1${salt}${tail}"),
        format!("$scrypt$ln=17,r=8,p=2${salt}${tail}"),
        format!("$scrypt$ln=9,r=8,p=1${salt}${tail}"),
        format!("$scrypt$ln=63,r=4294967295,p=4294967295${salt}${tail}"),
        format!("$scrypt$ln=14,r=0,p=1${salt}${tail}"),
        format!("$scrypt$ln=14,r=8,p=0${salt}${tail}"),
        format!("$scrypt$ln=14,r=8${salt}${tail}"),
        format!("scrypt:32767:8:1${salt}${}", "a".repeat(128)),
        format!("scrypt:4194304:8:1${salt}${}", "a".repeat(128)),
        format!("scrypt$16384${salt}$8$5"),
        format!("$firebase-scrypt$m=20,r=8,ss=Bw==,sk={tail}${salt}${tail}"),
        format!("$firebase-scrypt$m=14,r=8,ss=Bw==,sk={tail}${salt}$AAAA"),
        format!("$firebase-scrypt$m=14,r=8,ss=Bw==${salt}${tail}"),
        format!("$P$J{}", "a".repeat(30)),
        format!("$P$4{}", "a".repeat(30)),
        format!("$P$B{}", "a".repeat(29)),
        format!("$P$B{}!", "a".repeat(29)),
        format!("{{scrypt}}$e0801${salt}"),
        format!("{{scrypt}}$zzzz${salt}${tail}"),
        format!("{{pbkdf2}}{}", "a".repeat(94)),
        format!("{{PBKDF2}}$1${salt}$999${}", "a".repeat(40)),
        format!("{}:{}", "a".repeat(32), "a".repeat(126)),
        format!("{}:{}", "a".repeat(32), "g".repeat(128)),
        // ASP.NET Core Identity with 250 iterations, and its version 2.
        "AQAAAAEAAAD6AAAAEAhftMyfTJylOlZT+eEotFXd1elee8ih5WsjXaR3PA9M".to_owned(),
        "AAABAgMEBQYHCAkKCwwNDg+ukCEMDf0yyQ29NYubggHIVY0sdEUfdyeM+E1LtH1uJg==".to_owned(),
    ] {
        assert!(read(&text).is_err(), "{text:.80}");
    }
}

#[test]
fn refusals_name_the_form_and_the_limit() {
    for (text, part) in [
        ("{SSHA256}A7RKqKDDQ7z0CRQ1/Yx69GN9kNHyHFi4Zdwevg5c6WCoERYT", "salted SHA hash is not accepted"),
        ("{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=", "An SHA hash is not accepted"),
        ("{PLAIN}a long walk", "Plain text is not accepted"),
        ("{noop}a long walk", "Plain text is not accepted"),
        ("{MD5}$1$abc", "MD5 is not accepted"),
        ("5f4dcc3b5aa765d61d8327deb882cf99", "unsalted MD5"),
        ("5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8", "unsalted SHA-1"),
        ("sha1$salt$5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8", "salted SHA-1"),
        ("md5$salt$5f4dcc3b5aa765d61d8327deb882cf99", "salted MD5"),
        ("$6$rounds=5000$salt$hash", "SHA-512-crypt is not supported"),
        ("{SHA512-CRYPT}$6$rounds=5000$salt$hash", "SHA-512-crypt is not supported"),
        ("$2b$15$abcdefghijklmnopqrstuuoz7c6Ms7VDN7XOQ23dlY9HzXWZjhQ96", "bcrypt must have a cost of 4 to 14"),
        ("$scrypt$ln=18,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$MDEyMzQ1Njc4OWFiY2RlZg", "scrypt must have N from"),
        ("$pbkdf2-sha256$100$MDEyMzQ1Njc4OWFiY2RlZg$MDEyMzQ1Njc4OWFiY2RlZg", "PBKDF2 must have 1,000 to"),
        ("pbkdf2_sha256$1000$salt", "begins like PBKDF2"),
        ("a long walk by the river", "not a password hash in a supported form"),
    ] {
        let message = refusal(text).to_string();
        assert!(message.contains(part), "{text}: {message}");
        assert!(!message.contains(text), "{message}");
    }
}

#[test]
fn better_auth_normalizes_passwords_to_nfkc() {
    // scrypt of `ﬁeld` in NFKC, `field`, with the costs of better-auth.
    let stored = "2f84068d38a910a15e82db6a07959ecd:56e887bdd25229aeefb04e39330cc88a0fda89bb6ed53b44b4afe0b46b87a68c7e8135d52a84702a9ed53f842b577d5bfa4f661537c453aa0174eabd4258ea86";
    assert!(matches(stored, "\u{fb01}eld trip on Friday"));
    assert!(matches(stored, "field trip on Friday"));
}
