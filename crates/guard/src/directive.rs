//! The directives `@public` and `@auth`, which show rules in the printed schema. This module writes and reads them.
//! They enforce nothing; the check that [`guarded`](crate::guarded) generates does.

use std::{borrow::Cow, collections::BTreeSet, sync::Mutex};

use async_graphql::{
    TypeDirective, Value,
    indexmap::IndexMap,
    registry::{
        __DirectiveLocation, MetaDirective, MetaDirectiveInvocation, MetaInputValue, Registry, location_traits,
    },
};
use fieldguard_policy::{permission::Permission, rule::Rule};

const PUBLIC: &str = "public";
const AUTH: &str = "auth";

/// An internal mark for the audit: the field's Rust type hides that it can be null. A schema with such a field is
/// rejected.
pub(crate) const HIDDEN_NULL: &str = "hiddenNull";

/// `@public`: open to every caller.
#[derive(Debug, Clone, Copy)]
pub struct Public;

/// `@auth`: what the caller needs. Without arguments it requires a sign-in. A repeated `@auth` adds requirements.
#[derive(Debug, Clone, Copy)]
pub struct Auth;

impl Public {
    /// The directive for a field or a type.
    #[must_use]
    pub fn apply() -> MetaDirectiveInvocation {
        MetaDirectiveInvocation { name: PUBLIC.to_owned(), args: IndexMap::new() }
    }
}

impl Auth {
    /// The directive for `rule`, which must not be public.
    #[must_use]
    pub fn apply(rule: &Rule) -> MetaDirectiveInvocation {
        let mut args = IndexMap::new();
        if let Some(role) = rule.demanded_role() {
            args.insert("role".to_owned(), Value::from(role));
        }
        if let Some(permission) = rule.demanded_permission() {
            args.insert("permission".to_owned(), Value::from(permission.name()));
        }
        if rule.yields_to_owner() {
            args.insert("orSelf".to_owned(), Value::from(true));
        }
        if rule.demands_fresh() {
            args.insert("fresh".to_owned(), Value::from(true));
        } else if rule.demands_session() && !rule.demands_mfa() {
            args.insert("session".to_owned(), Value::from(true));
        }
        if rule.demands_mfa() {
            args.insert("mfa".to_owned(), Value::from(true));
        }
        MetaDirectiveInvocation { name: AUTH.to_owned(), args }
    }
}

impl TypeDirective for Public {
    fn name(&self) -> Cow<'static, str> {
        PUBLIC.into()
    }

    fn register(&self, registry: &mut Registry) {
        registry.add_directive(definition(PUBLIC, "Open to everyone, signed in or not.", &[], false));
    }
}

impl TypeDirective for Auth {
    fn name(&self) -> Cow<'static, str> {
        AUTH.into()
    }

    fn register(&self, registry: &mut Registry) {
        let arguments = [
            argument("role", "String", "The name of a role that the caller must have."),
            argument("permission", "String", "The name of a permission that the caller must have."),
            flag("orSelf", "Whether the owner of the value needs neither the role nor the permission."),
            flag("session", "Whether the caller must have a session. A personal access token has none."),
            flag("fresh", "Whether the caller's session must be fresh: the password was entered a short time ago."),
            flag(
                "mfa",
                "Whether the caller must have proved two factors in the session, such as a password and a code.",
            ),
        ];
        let description = "Open to signed-in callers who meet all requirements. If the directive is repeated, callers must meet \
                           all of them. Others receive `null` and an error.";
        registry.add_directive(definition(AUTH, description, &arguments, true));
    }
}

impl location_traits::Directive_At_OBJECT for Public {}
impl location_traits::Directive_At_FIELD_DEFINITION for Public {}
impl location_traits::Directive_At_OBJECT for Auth {}
impl location_traits::Directive_At_FIELD_DEFINITION for Auth {}

fn definition(name: &str, description: &str, arguments: &[MetaInputValue], is_repeatable: bool) -> MetaDirective {
    MetaDirective {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        locations: vec![__DirectiveLocation::OBJECT, __DirectiveLocation::FIELD_DEFINITION],
        args: arguments.iter().map(|argument| (argument.name.clone(), argument.clone())).collect(),
        is_repeatable,
        visible: None,
        composable: None,
    }
}

fn argument(name: &str, ty: &str, description: &str) -> MetaInputValue {
    let mut argument = MetaInputValue::new(name, ty);
    argument.description = Some(description.to_owned());
    argument
}

fn flag(name: &str, description: &str) -> MetaInputValue {
    MetaInputValue { default_value: Some("false".to_owned()), ..argument(name, "Boolean!", description) }
}

/// The rules that `invocations` declare, or an empty list.
#[must_use]
pub fn rules(invocations: &[MetaDirectiveInvocation]) -> Vec<Rule> {
    invocations.iter().filter_map(rule).collect()
}

fn rule(invocation: &MetaDirectiveInvocation) -> Option<Rule> {
    match invocation.name.as_str() {
        PUBLIC => return Some(Rule::PUBLIC),
        AUTH => {}
        _ => return None,
    }
    let mut rule = Rule::SIGNED_IN;
    if let Some(Value::String(role)) = invocation.args.get("role") {
        rule = rule.role(interned(role));
    }
    if let Some(Value::String(permission)) = invocation.args.get("permission") {
        rule = rule.permission(Permission::new(interned(permission), "Named by the schema."));
    }
    let is_set = |flag: &str| invocation.args.get(flag) == Some(&Value::Boolean(true));
    if is_set("orSelf") {
        rule = rule.or_self();
    }
    if is_set("session") {
        rule = rule.session();
    }
    if is_set("mfa") {
        rule = rule.mfa();
    }
    Some(if is_set("fresh") { rule.fresh() } else { rule })
}

/// `name` with a static lifetime. A rule holds static strings and the registry owned ones. Each name leaks once, so
/// reading a schema repeatedly does not leak more memory.
fn interned(name: &str) -> &'static str {
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut names = NAMES.lock().expect("no thread panics while it holds the lock");
    if let Some(known) = names.get(name) {
        return known;
    }
    let name: &'static str = name.to_owned().leak();
    names.insert(name);
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_round_trip_through_directives() {
        let read = Permission::new("invoices:read", "Named by the schema.");
        for rule in [
            Rule::SIGNED_IN,
            Rule::SIGNED_IN.role("support"),
            Rule::SIGNED_IN.permission(read),
            Rule::SIGNED_IN.role("support").permission(read).or_self(),
            Rule::SIGNED_IN.session(),
            Rule::SIGNED_IN.fresh(),
            Rule::SIGNED_IN.mfa(),
            Rule::SIGNED_IN.permission(read).or_self().mfa().fresh(),
            Rule::SIGNED_IN.permission(read).or_self().fresh(),
        ] {
            assert_eq!(rules(&[Auth::apply(&rule)]), [rule]);
        }
        assert_eq!(rules(&[Public::apply()]), [Rule::PUBLIC]);
        assert_eq!(rules(&[]), []);
    }

    #[test]
    fn auth_prints_only_what_the_rule_requires() {
        assert_eq!(Auth::apply(&Rule::SIGNED_IN).sdl(), "@auth");
        assert_eq!(Auth::apply(&Rule::SIGNED_IN.session()).sdl(), "@auth(session: true)");
        assert_eq!(Auth::apply(&Rule::SIGNED_IN.mfa()).sdl(), "@auth(mfa: true)");
        assert_eq!(Auth::apply(&Rule::SIGNED_IN.mfa().fresh()).sdl(), "@auth(fresh: true, mfa: true)");
        assert_eq!(Auth::apply(&Rule::SIGNED_IN.role("a").fresh()).sdl(), "@auth(role: \"a\", fresh: true)");
        assert_eq!(Auth::apply(&Rule::SIGNED_IN.role("a").or_self()).sdl(), "@auth(role: \"a\", orSelf: true)");
    }
}
