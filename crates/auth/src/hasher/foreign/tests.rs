//! Tests with hashes of other programs: bcrypt of libxcrypt, PBKDF2 of Python.

use super::*;

const PASSWORD: &str = "a long walk by the river";

fn hash(text: &str) -> PasswordHash {
    PasswordHash::from_phc(text.to_owned())
}

fn matches(text: &str, password: &str) -> bool {
    read(&hash(text)).unwrap_or_else(|| panic!("{text} is not read")).matches(&Password::presented(password.to_owned()))
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
        format!("$pbkdf2-sha256$i=1000${salt}${}", "A".repeat(86)),
        format!("$pbkdf2-sha256$i=1000$AAAA${tail}"),
        format!("$pbkdf2-sha256$i=1000${}${tail}", "A".repeat(100)),
        format!("$pbkdf2-sha256$i=1000${salt}${tail}$x"),
        format!("$pbkdf2-sha1$i=1000${salt}${tail}"),
        format!("$pbkdf2$i=1000${salt}${tail}"),
        format!("pbkdf2_sha1$1000${salt}${tail}"),
        format!("pbkdf2_sha256$1000${salt}${tail}!"),
        format!("$argon2id$v=19$m=64,t=2,p=1${salt}${tail}"),
        format!("$scrypt$ln=15,r=8,p=1${salt}${tail}"),
        "5f4dcc3b5aa765d61d8327deb882cf99".to_owned(),
    ] {
        assert!(read(&hash(&text)).is_none(), "{text:.80}");
    }
}
