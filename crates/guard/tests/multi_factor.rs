//! Rules that require two factors, in a schema of their own.

use async_graphql::{EmptyMutation, EmptySubscription, Object, Request, Schema};
use fieldguard_guard::{
    Owned,
    access::Access,
    caller::Caller,
    conventions::Conventions,
    execute::{Answer, Executor, RequestContext},
    explain::ExplainedCaller,
    guarded,
    policy::{Principal, missing::Missing, permission::Permission},
    registry,
    settings::{Introspection, Settings},
};

#[derive(Debug, Clone, Copy)]
struct Teller {
    has_session: bool,
    factors: u32,
    is_fresh: bool,
}

impl Principal for Teller {
    fn has_role(&self, _name: &str) -> bool {
        false
    }

    fn can(&self, _permission: Permission) -> bool {
        false
    }

    fn has_session(&self) -> bool {
        self.has_session
    }

    fn is_fresh(&self) -> bool {
        self.is_fresh
    }

    fn is_multi_factor(&self) -> bool {
        self.factors > 1
    }
}

struct Vault;

impl Owned for Vault {
    type Principal = Teller;

    fn is_owned_by(&self, _caller: Option<&Teller>) -> bool {
        true
    }
}

const COUNT: Permission = Permission::new("gold:count", "Count the gold.");

#[guarded]
#[Object]
impl Vault {
    #[public]
    async fn address(&self) -> &str {
        "1 High Street"
    }

    #[requires(mfa)]
    async fn gold(&self) -> Option<i32> {
        Some(7)
    }

    #[requires(permission = COUNT, or_self, mfa)]
    async fn own_gold(&self) -> Option<i32> {
        Some(3)
    }

    #[requires(fresh, mfa)]
    async fn key(&self) -> Option<i32> {
        Some(9)
    }
}

struct Bank;

#[guarded(public)]
#[Object]
impl Bank {
    async fn vault(&self) -> Vault {
        Vault
    }
}

const SCRIPT: Teller = Teller { has_session: false, factors: 2, is_fresh: false };
const ONE: Teller = Teller { has_session: true, factors: 1, is_fresh: true };
const TWO: Teller = Teller { has_session: true, factors: 2, is_fresh: false };
const FRESH: Teller = Teller { is_fresh: true, ..TWO };

fn executor() -> Executor {
    let schema = Schema::build(Bank, EmptyMutation, EmptySubscription);
    let schema = registry::complete(schema, &Conventions::PLAIN);
    let (schema, faults) = registry::inspect(schema, |registry| registry::audit(registry, &Conventions::PLAIN));
    assert_eq!(faults, []);
    Executor::new(schema, Settings { introspection: Introspection::Role, ..Settings::default() })
}

async fn ask(document: &str, caller: Option<Teller>) -> Answer {
    let caller = caller.map_or_else(Caller::default, Caller::from);
    executor().execute(Request::new(document), RequestContext { caller, ..RequestContext::default() }).await
}

#[tokio::test]
async fn fields_are_denied_without_two_factors() {
    for (caller, expected) in [
        (None, "{gold: null, ownGold: null, key: null}"),
        (Some(SCRIPT), "{gold: null, ownGold: null, key: null}"),
        (Some(ONE), "{gold: null, ownGold: null, key: null}"),
        (Some(TWO), "{gold: 7, ownGold: 3, key: null}"),
        (Some(FRESH), "{gold: 7, ownGold: 3, key: 9}"),
    ] {
        let answer = ask("{ vault { gold ownGold key } }", caller).await;
        assert_eq!(answer.response.data.to_string(), format!("{{vault: {expected}}}"), "{caller:?}");
    }
}

#[tokio::test]
async fn denials_say_what_is_missing() {
    for (caller, field, reason, requires, message) in [
        (SCRIPT, "gold", "SESSION_REQUIRED", "{mfa: true}", "`Vault.gold` requires a session."),
        (ONE, "gold", "SECOND_FACTOR_REQUIRED", "{mfa: true}", "`Vault.gold` requires a session with two factors."),
        (
            ONE,
            "key",
            "SECOND_FACTOR_REQUIRED",
            "{fresh: true, mfa: true}",
            "`Vault.key` requires a session with two factors.",
        ),
        (TWO, "key", "REAUTHENTICATION_REQUIRED", "{fresh: true, mfa: true}", "`Vault.key` requires a fresh session."),
    ] {
        let answer = ask(&format!("{{ vault {{ {field} }} }}"), Some(caller)).await;
        let error = &answer.response.errors[0];
        let extension = |name: &str| error.extensions.as_ref().and_then(|all| all.get(name)).unwrap().to_string();
        assert_eq!(error.message, message);
        assert_eq!((extension("reason"), extension("requires")), (format!("\"{reason}\""), requires.to_owned()));
        assert_eq!(extension("code"), "\"FORBIDDEN\"");
    }
}

#[tokio::test]
async fn introspection_shows_what_a_second_factor_opens() {
    let document = "{ __type(name: \"Vault\") { fields { name } } }";
    let names = |answer: &Answer| answer.response.data.to_string().matches("name:").count();
    assert_eq!(names(&ask(document, Some(ONE)).await), 4);
    assert_eq!(names(&ask(document, Some(SCRIPT)).await), 2, "a program can't get a session");
}

#[tokio::test]
async fn explanations_name_the_second_factor() {
    let whom = ExplainedCaller { caller: Some(&ONE), is_account_known: true };
    let explained = executor().explain("{ vault { gold } }", None, whom, None).await.unwrap();
    assert_eq!(explained.decision, Access::Denied);
    let missing: Vec<_> = explained.fields.iter().flat_map(|field| &field.access.missing).collect();
    assert_eq!(missing, [&Missing::SecondFactor]);
}

#[test]
fn printed_schema_shows_the_rule() {
    let schema = registry::complete(Schema::build(Bank, EmptyMutation, EmptySubscription), &Conventions::PLAIN);
    let sdl = schema.finish().sdl();
    for line in ["gold: Int @auth(mfa: true)", "key: Int @auth(fresh: true, mfa: true)"] {
        assert!(sdl.contains(line), "{line} is not in\n{sdl}");
    }
    assert!(sdl.contains("ownGold: Int @auth(permission: \"gold:count\", orSelf: true, mfa: true)"), "{sdl}");
}
