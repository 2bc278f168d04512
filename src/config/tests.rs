//! Tests of all settings together: precedence, errors, and redaction.

use std::time::Duration;

use zeroize::Zeroizing;

use super::*;

const SECRET: &str = "u0yQ6mVn0m1cQ3pV4r9bT8o2m5kXwE7hLJ1sZaDfGvY=";
const HIDDEN: &str = "hunter2";

fn sources(file: &str, environment: &[(&str, &str)], flags: &[(&str, &str)]) -> Sources {
    let text = |value: &str| Zeroizing::new(value.to_owned());
    let key = |flag: &str| keys().iter().find(|key| key.flag() == flag).unwrap();
    Sources {
        file: Some(File { name: "test.toml".to_owned(), text: text(file) }),
        environment: environment.iter().map(|(name, value)| ((*name).to_owned(), text(value))).collect(),
        secrets: Vec::new(),
        port: None,
        flags: Flags {
            values: flags.iter().map(|(flag, value)| (key(flag), text(value))).collect(),
            ..Flags::default()
        },
    }
}

fn file(text: &str) -> Result<Config, ConfigErrors> {
    Config::load(sources(text, &[], &[]))
}

fn refusal(sources: Sources) -> String {
    Config::load(sources).unwrap_err().to_string()
}

#[test]
fn the_later_source_wins() {
    let file = "listen = '127.0.0.1:1'\n[token]\nlifetime = '1m'\n[hash]\nqueue = 1";
    let environment = [("FIELDGUARD_TOKEN_LIFETIME", "2m"), ("FIELDGUARD_HASH_QUEUE", "2"), ("PATH", "/bin")];
    let config = Config::load(sources(file, &environment, &[("hash-queue", "3")])).unwrap();
    assert_eq!(config.listen, "127.0.0.1:1".parse().unwrap());
    assert_eq!(config.token.lifetime, Duration::from_mins(2));
    assert_eq!(config.hash.queue, 3);
    assert_eq!(config.session.idle, Session::default().idle);
}

#[test]
fn a_port_changes_only_the_port_of_the_address() {
    let mut given = sources("listen = '[::1]:1'", &[], &[]);
    given.flags.port = Some(8080);
    let config = Config::load(given).unwrap();
    assert_eq!(config.listen, "[::1]:8080".parse().unwrap());
    assert!(config.show().contains("listen = \"[::1]:8080\" # --port"), "{}", config.show());
}

#[test]
fn port_of_the_platform_is_used_on_every_address_if_none_is_set() {
    let given =
        |file: &str, flags: &[(&str, &str)]| Sources { port: Some("8080".to_owned()), ..sources(file, &[], flags) };
    let behind = "public_url = 'https://id.example.org'\n";
    let config = Config::load(given(behind, &[])).unwrap();
    assert_eq!(config.listen, "0.0.0.0:8080".parse().unwrap());
    assert!(config.show().contains("listen = \"0.0.0.0:8080\" # PORT"), "{}", config.show());
    assert!(!config.playground() && !config.metrics());
    let refused = refusal(given("", &[]));
    assert!(refused.contains("`listen` (PORT) = \"0.0.0.0:8080\"") && refused.contains("public_url"), "{refused}");
    let set = Config::load(given(&format!("{behind}listen = '127.0.0.1:1'"), &[])).unwrap();
    assert_eq!(set.listen, "127.0.0.1:1".parse().unwrap());
    let flag = Config::load(given("", &[("listen", "127.0.0.1:2")])).unwrap();
    assert_eq!(flag.listen, "127.0.0.1:2".parse().unwrap());
    let port = Flags { port: Some(3), ..Flags::default() };
    let port = Config::load(Sources { flags: port, ..given("", &[]) }).unwrap();
    assert_eq!(port.listen, "127.0.0.1:3".parse().unwrap());
    let wrong = Sources { port: Some("x".to_owned()), ..sources(behind, &[], &[]) };
    assert!(refusal(wrong).contains("`listen` (PORT)"));
}

#[test]
fn several_addresses_are_a_list_or_one_text() {
    let list = file("listen = ['127.0.0.1:1', 'localhost:2', 'unix:/run/a.sock']").unwrap();
    let text = Config::load(sources("", &[("FIELDGUARD_LISTEN", "127.0.0.1:1, localhost:2,unix:/run/a.sock")], &[]));
    assert_eq!(list.listen, text.unwrap().listen);
    assert_eq!(file(&list.show()).unwrap().listen, list.listen);
    let port = Flags { port: Some(3), ..Flags::default() };
    let refused = refusal(Sources { flags: port, ..sources("listen = 'unix:a.sock'", &[], &[]) });
    assert!(refused.contains("`--port` needs"), "{refused}");
}

#[test]
fn inherited_sockets_are_held_to_the_same_rule() {
    let outside = || vec![Endpoint::Address("0.0.0.0:4000".parse().unwrap())];
    let refused = Config::default().listen_on_inherited(outside()).unwrap_err().to_string();
    assert!(refused.contains("`listen` (LISTEN_FDS)") && refused.contains("public_url"), "{refused}");
    let mut config = file("public_url = 'https://a'").unwrap();
    config.listen_on_inherited(outside()).unwrap();
    assert!(!config.playground());
}

#[test]
fn ways_to_name_the_client_need_a_trusted_proxy() {
    for word in ["forwarded", "proxy-protocol"] {
        let refused = file(&format!("client_address = '{word}'")).unwrap_err().to_string();
        assert!(refused.contains("`client_address`") && refused.contains("`trusted_proxies`"), "{refused}");
        file(&format!("client_address = '{word}'\ntrusted_proxies = ['10.0.0.0/8']")).unwrap();
    }
    file("client_address = 'x-forwarded-for'").unwrap();
}

#[test]
fn cookies_for_every_site_need_tls() {
    let with = |url: &str| file(&format!("insecure_http = true\n{url}\n[session]\nsame_site = 'none'"));
    for good in ["", "public_url = 'https://id.example.org'"] {
        with(good).unwrap();
    }
    let refused = with("public_url = 'http://id.example.org'").unwrap_err().to_string();
    assert!(refused.contains("`session.same_site`") && refused.contains("https://"), "{refused}");
}

#[test]
fn every_setting_can_be_set_in_every_source() {
    let defaults = Config::default();
    let value = |key: &Key| match key.path() {
        "token.secret" | "encryption.key" => SECRET.to_owned(),
        "database_url" => "sqlite:x.db".to_owned(),
        "public_url" | "otlp.endpoint" | "cors.origins" => "https://id.example.org".to_owned(),
        "playground" | "metrics" => "true".to_owned(),
        "webhooks.url" => "https://example.org/webhooks".to_owned(),
        "webhooks.secret" | "webhooks.previous_secret" => "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned(),
        "mail.smtp_port" => "587".to_owned(),
        "mail.from" => "no-reply@example.org".to_owned(),
        "mail.reset_password_url" | "mail.verify_email_url" | "mail.undo_email_change_url" => {
            "https://app.example.org/account".to_owned()
        }
        "trusted_proxies" => "127.0.0.1".to_owned(),
        "otlp.headers" => "name=value".to_owned(),
        "metrics_listen" => "127.0.0.1:9464".to_owned(),
        "token.claims" => "name=displayName".to_owned(),
        _ => key.show(&defaults).unwrap_or_else(|| "some text".to_owned()),
    };
    for key in keys() {
        let text = value(key);
        let quoted = match key.kind() {
            value::Kind::Number | value::Kind::Boolean => text.clone(),
            value::Kind::Text | value::Kind::TextOrList => format!("'{text}'"),
            value::Kind::List => format!("['{text}']"),
            value::Kind::Table => "{ name = 'displayName' }".to_owned(),
        };
        for one in [
            sources(&format!("{} = {quoted}", key.path()), &[], &[]),
            sources("", &[(key.variable(), &text)], &[]),
            sources("", &[], &[(key.flag(), &text)]),
        ] {
            let (settings, problems) = one.settings();
            assert_eq!(problems, [], "{}", key.path());
            assert_eq!(settings.len(), 1, "{}", key.path());
            assert_eq!(settings[0].key.path(), key.path());
            assert_eq!(key.set(&mut Config::default(), &settings[0].text), Ok(()), "{}", key.path());
        }
    }
}

#[test]
fn the_default_file_states_the_defaults() {
    let text = Zeroizing::new(DEFAULT_FILE.to_owned());
    let given = Sources { file: Some(File { name: "default".to_owned(), text }), ..Sources::default() };
    let parsed = Config::load(given).unwrap();
    let defaults = Config::default();
    for key in keys() {
        assert_eq!(key.show(&parsed), key.show(&defaults), "{}", key.path());
        let stated = parsed.origin(key) != Origin::Default;
        assert_eq!(stated, key.show(&defaults).is_some(), "{} must be set if and only if it has a default", key.path());
    }
}

#[test]
fn the_default_file_documents_every_setting() {
    let (mut table, mut comment, mut documented) = (String::new(), String::new(), Vec::new());
    for line in DEFAULT_FILE.lines() {
        if let Some(name) = line.strip_prefix('[') {
            table = format!("{}.", name.trim_end_matches(']'));
        }
        let setting = line.trim_start_matches("# ").split_once(" = ").map(|(name, _)| format!("{table}{name}"));
        if let Some(key) = keys().iter().find(|key| Some(key.path()) == setting.as_deref()) {
            assert!(comment.contains(key.help()), "the comment on `{}` must contain: {}", key.path(), key.help());
            documented.push(key.path());
        }
        match line.strip_prefix("# ") {
            Some(words) => comment = format!("{comment} {words}"),
            None => comment.clear(),
        }
    }
    assert_eq!(documented, keys().iter().map(Key::path).collect::<Vec<_>>());
}

#[test]
fn an_unknown_key_is_refused_with_a_suggestion() {
    let refused = refusal(sources("[token]\nlifetme = '1m'", &[], &[]));
    assert!(
        refused.contains("`token.lifetme` (test.toml line 2)") && refused.contains("`token.lifetime`?"),
        "{refused}"
    );
    let refused = refusal(sources("", &[("FIELDGUARD_LISTENN", HIDDEN)], &[]));
    assert!(refused.contains("`FIELDGUARD_LISTENN`") && refused.contains("`FIELDGUARD_LISTEN`?"), "{refused}");
    assert!(!refused.contains(HIDDEN), "{refused}");
    for text in ["tokens = 1", "token = 1", "[listen]\nport = 1", "[token.x]\ny = 1", "[x]"] {
        assert!(file(text).is_err(), "{text}");
    }
}

#[test]
fn test_variables_and_the_file_variable_are_ignored() {
    let environment = [("FIELDGUARD_TEST_POSTGRES_URL", "x"), ("FIELDGUARD_CONFIG", "x"), ("fieldguard_x", "x")];
    assert!(Config::load(sources("", &environment, &[])).is_ok());
}

#[test]
fn a_wrong_type_is_refused() {
    for text in [
        "listen = 4000",
        "listen = true",
        "listen = [1]",
        "listen = ['127.0.0.1:1,127.0.0.1:2']",
        "database_max_connections = '20'",
        "database_max_connections = 2.5",
        "database_max_connections = 99999999999999999999",
        "playground = 'true'",
        "token.lifetime = 900",
        "token.audience = 5",
        "cors.origins = 'https://a.example'",
        "cors.origins = [1]",
        "cors.origins = ['https://a.example,https://b.example']",
        "log.level = ['info']",
    ] {
        let refused = refusal(sources(text, &[], &[]));
        assert!(refused.contains(text.split_once(' ').unwrap().0), "{text}: {refused}");
    }
}

#[test]
fn an_invalid_value_is_refused_with_its_source() {
    for (variable, value) in [
        ("FIELDGUARD_LISTEN", "localhost"),
        ("FIELDGUARD_LISTEN", ""),
        ("FIELDGUARD_DATABASE_URL", "mysql://x"),
        ("FIELDGUARD_DATABASE_MAX_CONNECTIONS", "0"),
        ("FIELDGUARD_PUBLIC_URL", "x"),
        ("FIELDGUARD_PLAYGROUND", "yes"),
        ("FIELDGUARD_LOG_LEVEL", "verbose"),
        ("FIELDGUARD_LOG_LEVEL", "fieldguard=loud"),
        ("FIELDGUARD_LOG_FORMAT", "xml"),
        ("FIELDGUARD_TOKEN_ALGORITHM", "none"),
        ("FIELDGUARD_TOKEN_LIFETIME", "16m"),
        ("FIELDGUARD_TOKEN_LIFETIME", "9s"),
        ("FIELDGUARD_PASSWORD_MIN_CHARACTERS", "7"),
        ("FIELDGUARD_PASSWORD_MAX_CHARACTERS", "63"),
        ("FIELDGUARD_HASH_MEMORY_KIB", "19455"),
        ("FIELDGUARD_HASH_ITERATIONS", "1"),
        ("FIELDGUARD_HASH_PARALLELISM", "0"),
        ("FIELDGUARD_LIMITS_NESTING", "2000"),
        ("FIELDGUARD_SESSION_IDLE", "31d"),
        ("FIELDGUARD_CORS_ORIGINS", "*"),
        ("FIELDGUARD_CORS_ORIGINS", "https://a.example,null"),
    ] {
        let refused = refusal(sources("", &[(variable, value)], &[]));
        assert!(refused.contains(variable), "{variable}={value}: {refused}");
    }
    let refused = refusal(sources("", &[], &[("hash-queue", "0")]));
    assert!(refused.contains("`hash.queue` (--hash-queue) = \"0\" must be between 1 and 100000"), "{refused}");
}

#[test]
fn conflicting_settings_are_refused() {
    for text in [
        "token.algorithm = 'HS256'".to_owned(),
        format!("token.secret = '{SECRET}'"),
        format!("token = {{ algorithm = 'HS256', secret = '{SECRET}', key_file = 'x' }}"),
        "session = { idle = '2h', lifetime = '1h' }".to_owned(),
        "password = { min_characters = 100, max_characters = 64 }".to_owned(),
        "admin.username = 'ada'".to_owned(),
        "admin.password = 'correct horse battery'".to_owned(),
        "admin = { username = 'ada', password = 'too short' }".to_owned(),
    ] {
        assert!(file(&text).is_err(), "{text}");
    }
    let fine = format!(
        "token = {{ algorithm = 'HS256', secret = '{SECRET}' }}\nadmin = {{ username = 'ada', password = 'correct horse' }}"
    );
    assert!(file(&fine).is_ok());
}

#[test]
fn a_weak_secret_is_refused() {
    for weak in ["tiny-key", &"a".repeat(64), "my-very-long-jwt-secret-for-production-use"] {
        let environment = [("FIELDGUARD_TOKEN_ALGORITHM", "HS256"), ("FIELDGUARD_TOKEN_SECRET", weak)];
        let refused = refusal(sources("", &environment, &[]));
        assert!(refused.contains("`token.secret` (FIELDGUARD_TOKEN_SECRET)") && !refused.contains(weak), "{refused}");
    }
}

#[test]
fn all_problems_are_reported_at_once() {
    let errors =
        Config::load(sources("x = 1\nlisten = 1", &[("FIELDGUARD_Y", "")], &[("hash-queue", "0")])).unwrap_err();
    assert_eq!(errors.iter().count(), 4, "{errors}");
}

#[test]
fn an_error_never_repeats_a_secret() {
    for one in [
        sources(&format!("token.secret = '{HIDDEN}'"), &[], &[]),
        sources("", &[("FIELDGUARD_TOKEN_SECRET", HIDDEN)], &[]),
        sources("", &[], &[("token-secret", HIDDEN)]),
        sources("", &[("FIELDGUARD_DATABASE_URL", &format!("mysql://ann:{HIDDEN}@db"))], &[]),
        sources("", &[("FIELDGUARD_PUBLIC_URL", &format!("https://ann:{HIDDEN}@db"))], &[]),
        sources("", &[("FIELDGUARD_ADMIN_PASSWORD", HIDDEN)], &[]),
        sources("", &[("FIELDGUARD_WEBHOOKS_SECRET", HIDDEN)], &[]),
        sources("", &[("FIELDGUARD_WEBHOOKS_URL", &format!("https://ann:{HIDDEN}@db"))], &[]),
        sources("", &[("FIELDGUARD_ADMIN_PASSWORD", HIDDEN), ("FIELDGUARD_ADMIN_USERNAME", "ada")], &[]),
        // Invalid TOML: the parser's own message would show the line.
        sources(&format!("token.secret = '{HIDDEN}"), &[], &[]),
        sources(&format!("token.secret = {HIDDEN}"), &[], &[]),
        sources(&format!("token.secret = 'x' {HIDDEN}"), &[], &[]),
        sources(&format!("token.secrets = '{HIDDEN}'"), &[], &[]),
        sources(&format!("token.secret = ['{HIDDEN}']"), &[], &[]),
    ] {
        let errors = Config::load(one).unwrap_err();
        assert!(!errors.to_string().contains(HIDDEN) && !format!("{errors:?}").contains(HIDDEN), "{errors}");
    }
}

#[test]
fn an_error_is_safe_for_a_terminal() {
    for one in [
        sources("\"\\u001b[31m\" = 1", &[], &[]),
        sources("", &[("FIELDGUARD_\u{1b}", "x")], &[]),
        sources("", &[("FIELDGUARD_LISTEN", "\u{1b}[31m")], &[]),
    ] {
        assert!(!refusal(one).contains('\u{1b}'));
    }
}

#[test]
fn secrets_are_redacted() {
    let text = format!("database_url = 'postgres://ann:{HIDDEN}@db/fg'\nlisten = '127.0.0.1:1'");
    let environment = [
        ("FIELDGUARD_TOKEN_ALGORITHM", "HS256"),
        ("FIELDGUARD_TOKEN_SECRET", SECRET),
        ("FIELDGUARD_ADMIN_USERNAME", "ada"),
        ("FIELDGUARD_ADMIN_PASSWORD", "hunter2 hunter2"),
    ];
    let given = sources(&text, &environment, &[]);
    let config = Config::load(given.clone()).unwrap();
    assert_eq!(config.token.secret.as_ref().unwrap().expose(), SECRET);
    let shown = [format!("{config:?}"), config.show(), format!("{:?}", given.flags)];
    for text in &shown {
        assert!(!text.contains(HIDDEN) && !text.contains(SECRET), "{text}");
    }
    assert!(shown[1].contains("secret = \"[redacted]\" # FIELDGUARD_TOKEN_SECRET"), "{}", shown[1]);
    assert!(shown[1].contains("listen = \"127.0.0.1:1\" # test.toml line 2"), "{}", shown[1]);
}

#[test]
fn the_output_of_show_can_be_loaded() {
    let text =
        "data_dir = 'a\"b'\nlimits.execution = '1500ms'\ncors.origins = ['https://a.example', 'http://b.example:1']";
    let config = file(text).unwrap();
    let again = file(&config.show()).unwrap();
    assert_eq!(again.data_dir, config.data_dir);
    assert_eq!(again.limits.documents.execution, config.limits.documents.execution);
    assert_eq!(again.cors.origins.as_slice(), ["https://a.example", "http://b.example:1"]);
}

#[test]
fn addresses_are_derived_from_each_other() {
    let config = file("data_dir = 'x'").unwrap();
    let path = std::env::current_dir().unwrap().join("x/fieldguard.db");
    assert_eq!(config.database().path(), Some(&*path));
    assert!(config.show().contains(&format!("# The database in use is {}\n", path.display())), "{}", config.show());
    assert_eq!((config.base_url(), config.issuer()), ("http://127.0.0.1:4000".to_owned(), None));
    let config = file("public_url = 'https://id.example.org/'").unwrap();
    assert_eq!(config.issuer().unwrap(), "https://id.example.org");
    let config = file("public_url = 'https://id.example.org'\ntoken.issuer = 'us'").unwrap();
    assert_eq!(config.issuer().unwrap(), "us");
}

#[test]
fn playground_and_metrics_are_on_by_default_only_on_loopback() {
    for (text, expected) in [
        ("", true),
        ("listen = '[::1]:4000'", true),
        ("listen = '[::ffff:127.0.0.1]:4000'", true),
        ("listen = ['localhost:4000', 'unix:server.sock']", true),
        ("listen = ['localhost:4000', '0.0.0.0:4001']\npublic_url = 'https://a'", false),
        ("listen = '0.0.0.0:4000'\npublic_url = 'https://a'", false),
        ("listen = '[::]:4000'\npublic_url = 'https://a'", false),
        ("listen = '192.0.2.1:4000'\npublic_url = 'https://a'", false),
        ("listen = '0.0.0.0:4000'\npublic_url = 'https://a'\nplayground = true\nmetrics = true", true),
        ("playground = false\nmetrics = false", false),
    ] {
        let config = file(text).unwrap();
        assert_eq!(config.playground(), expected, "{text}");
        assert_eq!(config.metrics(), expected, "{text}");
        let shown = file(&config.show()).unwrap();
        assert_eq!((shown.playground(), shown.metrics()), (expected, expected), "{text}");
    }
}

#[test]
fn a_non_loopback_address_needs_a_tls_proxy_or_consent() {
    for listen in ["0.0.0.0:80", "[::]:80", "192.0.2.1:80", "[2001:db8::1]:80"] {
        let text = format!("listen = '{listen}'\ntoken.issuer = 'us'");
        for more in ["", "\npublic_url = 'http://a'"] {
            let refusal = refusal(sources(&format!("{text}{more}"), &[], &[]));
            assert!(refusal.contains("`listen` (test.toml line 1)"), "{refusal}");
            assert!(refusal.contains("`public_url = \"https://id.example.org\"`"), "{refusal}");
            assert!(refusal.contains("`insecure_http = true`"), "{refusal}");
        }
        let refusal = refusal(sources(&format!("{text}\ninsecure_http = true"), &[], &[]));
        assert!(refusal.contains("needs `public_url`"), "{refusal}");
        file(&format!("{text}\npublic_url = 'https://a'")).unwrap();
        file(&format!("{text}\npublic_url = 'http://a'\ninsecure_http = true")).unwrap();
    }
    file("listen = '[::1]:80'\npublic_url = 'http://a'").unwrap();
}

#[test]
fn a_secret_can_be_read_from_its_own_file() {
    let from = |environment: &[(&str, &str)], variable: &str, text: &str| {
        let secret = File { name: "/run/secrets/s".to_owned(), text: Zeroizing::new(text.to_owned()) };
        Sources { secrets: vec![(variable.to_owned(), secret)], ..sources("", environment, &[]) }
    };
    let hs256 = [("FIELDGUARD_TOKEN_ALGORITHM", "HS256")];
    let config = Config::load(from(&hs256, "FIELDGUARD_TOKEN_SECRET_FILE", SECRET)).unwrap();
    assert_eq!(config.token.secret.as_ref().unwrap().expose(), SECRET);
    assert!(config.show().contains("\"[redacted]\" # FIELDGUARD_TOKEN_SECRET_FILE"), "{}", config.show());
    assert_eq!(config.secret_files(), [Path::new("/run/secrets/s")]);
    Config::load(from(&[], "FIELDGUARD_DATABASE_URL_FILE", "postgres://ann:hunter2@db/fg")).unwrap();
    let named = [("FIELDGUARD_ADMIN_USERNAME", "ada")];
    Config::load(from(&named, "FIELDGUARD_ADMIN_PASSWORD_FILE", "correct horse battery")).unwrap();
    let both = [hs256[0], ("FIELDGUARD_TOKEN_SECRET", SECRET)];
    let refused = refusal(from(&both, "FIELDGUARD_TOKEN_SECRET_FILE", SECRET));
    assert!(refused.contains("`FIELDGUARD_TOKEN_SECRET` and `FIELDGUARD_TOKEN_SECRET_FILE`"), "{refused}");
    let refused = refusal(from(&hs256, "FIELDGUARD_TOKEN_SECRET_FILE", "weak"));
    assert!(refused.contains("(FIELDGUARD_TOKEN_SECRET_FILE)") && !refused.contains("weak\""), "{refused}");
    // A setting that is not a secret has no such variable.
    assert!(refusal(sources("", &[("FIELDGUARD_LISTEN_FILE", "x")], &[])).contains("FIELDGUARD_LISTEN_FILE"));
}

#[test]
fn white_space_at_an_end_of_a_secret_is_refused() {
    for wrong in [format!(" {SECRET}"), format!("{SECRET}\n"), format!("{SECRET}\t")] {
        let environment = [("FIELDGUARD_TOKEN_ALGORITHM", "HS256"), ("FIELDGUARD_TOKEN_SECRET", &wrong)];
        let refused = refusal(sources("", &environment, &[]));
        assert!(refused.contains("white space") && !refused.contains(SECRET), "{refused}");
    }
}

#[test]
fn variables_that_kubernetes_sets_for_a_service_are_ignored() {
    let service = [("FIELDGUARD_SERVICE_HOST", "10.96.7.1"), ("FIELDGUARD_PORT", "tcp://10.96.7.1:4000")];
    assert!(Config::load(sources("", &service, &[])).is_ok());
    let refused = refusal(sources("", &[("FIELDGUARD_PORT", "4000")], &[]));
    assert!(refused.contains("`FIELDGUARD_PORT` is not a setting"), "{refused}");
}

#[test]
fn a_configuration_file_is_secret_only_if_it_contains_a_secret() {
    let is_secret = |text: &str| !file(text).unwrap().secret_files().is_empty();
    assert!(!is_secret("listen = '127.0.0.1:1'\ndatabase_url = 'postgres://ann@db/fg'"));
    assert!(is_secret("database_url = 'postgres://ann:hunter2@db/fg'"));
    assert!(is_secret(&format!("token = {{ algorithm = 'HS256', secret = '{SECRET}' }}")));
}

#[test]
fn a_program_can_create_its_own_settings() {
    let mut config = Config { database_url: Some("postgres://db/fg".parse().unwrap()), ..Config::default() };
    config.hash.memory_kib = 8;
    assert_eq!(config.database(), Location::Postgres("postgres://db/fg".to_owned()));
    assert_eq!(config.database_label(), "postgres://db/fg");
    assert!("mysql://db".parse::<DatabaseUrl>().is_err() && "verbose".parse::<Filter>().is_err());
}
