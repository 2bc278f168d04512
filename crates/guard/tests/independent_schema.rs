//! A schema independent of Fieldguard: its principals have numbers, and its roots and types have their own names.

use async_graphql::{
    EmptySubscription, Enum, ID, InputObject, Object, Request, Schema, SchemaBuilder, Value, Variables,
};
use fieldguard_guard::{
    Owned,
    access::Access,
    caller::Caller,
    conventions::Conventions,
    cost_directives::Exclusive,
    execute::{Answer, Executor, Outcome, RequestContext},
    explain::ExplainedCaller,
    exposes::Exposes,
    guarded,
    on_denied::OnDenied,
    owner::{Owner, Ownership},
    policy::{Principal, permission::Permission},
    registry::{self, Fault},
    settings::{Introspection, Settings},
};

const READ: Permission = Permission::new("patients:read", "Read every record.");
const CONVENTIONS: Conventions =
    Conventions { superuser: Some("chief"), ownership: "being the patient", ..Conventions::PLAIN };

#[derive(Debug, Clone, Copy)]
struct Person {
    number: u32,
    role: &'static str,
}

impl Principal for Person {
    fn has_role(&self, name: &str) -> bool {
        self.role == name
    }

    fn can(&self, permission: Permission) -> bool {
        self.role == "chief" || self.role == "doctor" && permission == READ
    }

    fn has_session(&self) -> bool {
        true
    }

    fn is_named(&self, identifier: &str) -> bool {
        identifier.parse() == Ok(self.number)
    }
}

#[derive(Debug, Clone, Copy)]
struct Patient(u32);

impl Owned for Patient {
    type Principal = Person;

    fn is_owned_by(&self, caller: Option<&Person>) -> bool {
        caller.is_some_and(|person| person.number == self.0)
    }
}

#[guarded]
#[Object]
impl Patient {
    #[public]
    async fn number(&self) -> u32 {
        self.0
    }

    #[requires(permission = READ, or_self)]
    async fn phone(&self) -> Option<String> {
        Some(format!("555-{}", self.0))
    }

    /// The patient's record.
    #[public]
    #[graphql(directive = Owner::apply(Ownership::Parent))]
    async fn record(&self) -> Record {
        Record(*self)
    }
}

struct Record(Patient);

impl Owned for Record {
    type Principal = Person;

    fn is_owned_by(&self, caller: Option<&Person>) -> bool {
        self.0.is_owned_by(caller)
    }
}

#[guarded]
#[Object]
impl Record {
    #[requires(role = "doctor", or_self)]
    async fn text(&self) -> Option<&str> {
        Some("Rest.")
    }

    #[public]
    async fn patient(&self) -> Patient {
        self.0
    }
}

#[derive(InputObject)]
struct PatientFilter {
    #[graphql(directive = Exposes::apply(&["Patient.phone"]))]
    phone_prefix: Option<String>,
    number: Option<u32>,
    /// Any of these.
    any_of: Option<Vec<PatientFilter>>,
}

impl PatientFilter {
    fn finds(&self, patient: Patient) -> bool {
        let phone = format!("555-{}", patient.0);
        self.phone_prefix.as_deref().is_none_or(|prefix| phone.starts_with(prefix))
            && self.number.is_none_or(|number| number == patient.0)
            && self.any_of.as_ref().is_none_or(|any| any.iter().any(|filter| filter.finds(patient)))
    }
}

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
enum PatientSort {
    Number,
    #[graphql(directive = Exposes::apply(&["Patient.phone"]))]
    Phone,
}

#[derive(Default)]
struct Reads;

#[guarded(public)]
#[Object(name = "Reads")]
impl Reads {
    #[graphql(directive = Owner::apply(Ownership::Caller))]
    async fn myself(&self) -> Option<Patient> {
        Some(Patient(7))
    }

    #[graphql(directive = Owner::apply(Ownership::argument("id")))]
    async fn patient(&self, id: ID) -> Option<Patient> {
        id.parse().ok().map(Patient)
    }

    /// Infallible, but its arguments are checked.
    async fn patients(&self, filter: Option<PatientFilter>, sort: Option<PatientSort>) -> Vec<Patient> {
        let _ = sort;
        let filter = filter.as_ref();
        (6..9).map(Patient).filter(|patient| filter.is_none_or(|filter| filter.finds(*patient))).collect()
    }
}

#[derive(Default)]
struct Writes;

#[guarded(public)]
#[Object(name = "Writes")]
impl Writes {
    async fn refresh(&self) -> bool {
        true
    }

    #[graphql(directive = Exclusive::apply("admissions"))]
    async fn admit(&self) -> Patient {
        Patient(9)
    }

    #[graphql(directive = Owner::apply(Ownership::argument("id")))]
    async fn call(&self, id: ID) -> Option<Patient> {
        id.parse().ok().map(Patient)
    }
}

fn executor() -> Executor {
    let schema = registry::complete(Schema::build(Reads, Writes, EmptySubscription), &CONVENTIONS);
    let (schema, faults) = registry::inspect(schema, |registry| registry::audit(registry, &CONVENTIONS));
    assert_eq!(faults, []);
    Executor::new(schema, Settings { introspection: Introspection::Full, ..Settings::default() })
}

async fn ask(document: &str, caller: Option<Person>, on_denied: OnDenied) -> Answer {
    ask_with(document, Variables::default(), caller, on_denied).await
}

async fn ask_with(document: &str, variables: Variables, caller: Option<Person>, on_denied: OnDenied) -> Answer {
    let caller = caller.map_or_else(Caller::default, Caller::from);
    let context = RequestContext { caller, on_denied, ..RequestContext::default() };
    executor().execute(Request::new(document).variables(variables), context).await
}

fn extension<'a>(answer: &'a Answer, name: &str) -> &'a Value {
    answer.response.errors[0].extensions.as_ref().and_then(|all| all.get(name)).expect("the error has it")
}

const SEVEN: Option<Person> = Some(Person { number: 7, role: "patient" });
const DOCTOR: Option<Person> = Some(Person { number: 1, role: "doctor" });

#[tokio::test]
async fn owners_pass_and_errors_use_the_servers_conventions() {
    let document = "{ patient(id: \"7\") { number phone } }";
    for (caller, phone) in [(SEVEN, "\"555-7\""), (DOCTOR, "\"555-7\""), (None, "null")] {
        let answer = ask(document, caller, OnDenied::Null).await;
        assert_eq!(answer.response.data.to_string(), format!("{{patient: {{number: 7, phone: {phone}}}}}"));
    }
    let answer = ask("{ patient(id: \"8\") { phone } }", SEVEN, OnDenied::Null).await;
    let message = "`Patient.phone` requires the permission `patients:read`, or being the patient.";
    assert_eq!(answer.response.errors[0].message, message);
}

#[tokio::test]
async fn mutations_are_evaluated_before_execution_by_declared_owners() {
    for (document, expected) in [
        ("mutation { call(id: \"7\") { phone record { text } } }", Outcome::Executed),
        ("mutation { call(id: \"8\") { phone } }", Outcome::Denied),
        ("mutation { call(id: \"7\") { record { patient { phone } } } }", Outcome::Denied),
        ("mutation { admit { phone } }", Outcome::Denied),
    ] {
        let answer = ask(document, SEVEN, OnDenied::Reject).await;
        assert_eq!(answer.outcome, expected, "{document}: {:?}", answer.response.errors);
        assert_eq!(ask(document, DOCTOR, OnDenied::Reject).await.outcome, Outcome::Executed, "{document}");
    }
}

#[tokio::test]
async fn explanations_report_access_that_depends_on_ownership() {
    for (document, expected) in [
        ("{ myself { phone record { text } } }", Access::Allowed),
        ("{ patient(id: \"7\") { phone } }", Access::Allowed),
        ("{ patient(id: \"8\") { phone } }", Access::Denied),
        ("{ patient(id: \"7\") { record { patient { phone } } } }", Access::Own),
        ("query ($id: ID!) { patient(id: $id) { phone } }", Access::Own),
        ("{ patients { phone } }", Access::Own),
        ("{ patients(filter: { phonePrefix: \"5\" }) { number } }", Access::Denied),
    ] {
        let caller = SEVEN.unwrap();
        let whom = ExplainedCaller { caller: Some(&caller), is_account_known: true };
        let explained = executor().explain(document, None, whom, None).await.unwrap();
        assert_eq!(explained.decision, expected, "{document}");
    }
}

#[tokio::test]
async fn arguments_require_what_the_exposed_fields_require() {
    let given = |filter: &str| format!("{{ patients({filter}) {{ number }} }}");
    for (argument, exposed) in [
        ("filter: { number: 7 }", None),
        ("filter: { phonePrefix: null }", None),
        ("sort: NUMBER", None),
        ("filter: { phonePrefix: \"555\" }", Some("filter.phonePrefix")),
        ("filter: { anyOf: [{ number: 7 }, { phonePrefix: \"5\" }] }", Some("filter.anyOf.phonePrefix")),
        ("sort: PHONE", Some("sort")),
    ] {
        let answer = ask(&given(argument), SEVEN, OnDenied::Null).await;
        match exposed {
            None => assert!(answer.response.errors.is_empty(), "{argument}: {:?}", answer.response.errors),
            Some(exposed) => {
                assert_eq!(extension(&answer, "argument"), &Value::from(exposed), "{argument}");
                assert_eq!(extension(&answer, "coordinate"), &Value::from("Patient.phone"));
                assert_eq!(answer.response.data, Value::Null, "the list cannot be null");
            }
        }
        let answer = ask(&given(argument), DOCTOR, OnDenied::Null).await;
        assert_eq!(answer.response.errors, [], "{argument}");
    }
    let document = "query ($filter: PatientFilter) { patients(filter: $filter) { number } }";
    let variables = Variables::from_json(serde_json::json!({ "filter": { "anyOf": [{ "phonePrefix": "5" }] } }));
    let answer = ask_with(document, variables, SEVEN, OnDenied::Null).await;
    assert_eq!(extension(&answer, "argument"), &Value::from("filter.anyOf.phonePrefix"));
}

#[tokio::test]
async fn field_and_root_names_have_no_meaning() {
    let answer = ask("mutation { a: refresh b: refresh }", None, OnDenied::Null).await;
    assert_eq!(answer.outcome, Outcome::Executed);
    let answer = ask("mutation { a: admit { number } b: admit { number } }", None, OnDenied::Null).await;
    assert_eq!(extension(&answer, "limit"), &Value::from("admissions"));
}

/// Valid except for its two declarations.
struct Misdeclared;

#[guarded(public)]
#[Object]
impl Misdeclared {
    #[graphql(directive = Owner::apply(Ownership::argument("id")))]
    async fn patient(&self, #[graphql(directive = Exposes::apply(&["Patient.mail"]))] name: String) -> Option<Patient> {
        name.parse().ok().map(Patient)
    }
}

#[test]
fn declarations_with_unknown_names_are_faults() {
    let schema: SchemaBuilder<_, _, _> = Schema::build(Misdeclared, Writes, EmptySubscription);
    let schema = registry::complete(schema, &CONVENTIONS);
    let faults = registry::inspect(schema, |registry| registry::audit(registry, &CONVENTIONS)).1;
    let owner = Fault::UnknownOwner("Misdeclared.patient".to_owned(), "id".to_owned());
    let exposed = Fault::UnknownExposed("Misdeclared.patient(name:)".to_owned(), "Patient.mail".to_owned());
    assert_eq!(faults, [exposed, owner]);
}

type Maybe<T> = Option<T>;

struct WithAliases;

#[guarded(public)]
#[Object]
impl WithAliases {
    #[requires(role = "chief")]
    async fn plain(&self) -> Option<i32> {
        Some(1)
    }

    #[requires(role = "chief")]
    async fn alias(&self) -> Maybe<i32> {
        Some(1)
    }

    #[requires(role = "chief")]
    async fn fallible_alias(&self) -> async_graphql::Result<Maybe<&str>> {
        Ok(Some("1"))
    }

    async fn open_alias(&self) -> Maybe<i32> {
        Some(1)
    }
}

#[test]
fn aliases_that_hide_an_option_are_faults() {
    let schema = registry::complete(Schema::build(WithAliases, Writes, EmptySubscription), &CONVENTIONS);
    let faults = registry::inspect(schema, |registry| registry::audit(registry, &CONVENTIONS)).1;
    let hidden = |name: &str| Fault::HiddenNull(format!("WithAliases.{name}"));
    assert_eq!(faults, [hidden("alias"), hidden("fallibleAlias")]);
}

/// Its only field is visible to a superuser without further permissions.
struct Ward;

#[guarded(role = "chief")]
#[Object]
impl Ward {
    #[requires(permission = READ)]
    async fn beds(&self) -> Option<i32> {
        Some(4)
    }
}

struct House;

#[guarded(public)]
#[Object]
impl House {
    async fn address(&self) -> &str {
        "1 High Street"
    }

    #[requires(role = "chief")]
    async fn ward(&self) -> Option<Ward> {
        Some(Ward)
    }
}

#[test]
fn superuser_role_is_a_convention() {
    let faults = |conventions: &Conventions| {
        let schema = registry::complete(Schema::build(House, Writes, EmptySubscription), conventions);
        registry::inspect(schema, |registry| registry::audit(registry, conventions)).1
    };
    assert_eq!(faults(&CONVENTIONS), []);
    assert_eq!(faults(&Conventions::PLAIN), [Fault::Empty("Ward".to_owned())]);
}
