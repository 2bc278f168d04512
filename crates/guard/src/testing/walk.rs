//! Every field, asked for as every kind of caller.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use async_graphql::{Request, parser::types::OperationType};
use serde_json::Value;

use crate::{
    access::Access,
    caller::Caller,
    execute::{Circumstances, Executor},
    registry::{Member, Policy, Type, TypeSystem},
};

/// On how many ways from the root a type is visited at most.
const WAYS: usize = 8;

/// Asks for every field of a schema as every kind of caller. Mutations are asked for where [`Walk::mutations`] says so: they do what
/// they do.
pub struct Walk<'a> {
    executor: &'a Executor,
    callers: Vec<(String, Caller)>,
    arguments: BTreeMap<String, String>,
    kinds: Vec<OperationType>,
}

/// What a walk found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Where an answer is not what the rules say, each in a sentence.
    pub faults: Vec<String>,
    /// The fields, by coordinate, that no caller's walk came to.
    pub unreached: BTreeSet<String>,
}

impl Report {
    /// Fails the test where anything was found.
    ///
    /// # Panics
    ///
    /// With the faults, or with the fields that were not reached.
    #[track_caller]
    pub fn assert_whole(&self) {
        assert!(self.faults.is_empty(), "{} faults:\n{}", self.faults.len(), self.faults.join("\n"));
        assert!(
            self.unreached.is_empty(),
            "no walk came to these: give arguments and data for them: {:?}",
            self.unreached
        );
    }
}

/// A way from the root to an object type: the selections that lead there.
#[derive(Clone)]
struct Way<'a> {
    kind: OperationType,
    steps: Vec<Step<'a>>,
    ty: &'a Type,
}

/// A field with its arguments, and the type of its value.
#[derive(Clone)]
struct Step<'a> {
    field: &'a str,
    arguments: String,
    ty: &'a str,
}

impl<'a> Walk<'a> {
    /// A walk through the queries of the schema that `executor` runs, without a caller so far.
    #[must_use]
    pub const fn new(executor: &'a Executor) -> Self {
        Self { executor, callers: Vec::new(), arguments: BTreeMap::new(), kinds: Vec::new() }
    }

    /// The same as this caller, too.
    #[must_use]
    pub fn caller(mut self, name: &str, caller: Caller) -> Self {
        self.callers.push((name.to_owned(), caller));
        self
    }

    /// The same with a value for an argument, `Type.field(argument:)`, as GraphQL spells values. Arguments without one are left out;
    /// fields that need one are not reached.
    #[must_use]
    pub fn argument(mut self, coordinate: &str, value: &str) -> Self {
        self.arguments.insert(coordinate.to_owned(), value.to_owned());
        self
    }

    /// The same through mutations, too.
    #[must_use]
    pub fn mutations(mut self) -> Self {
        self.kinds.push(OperationType::Mutation);
        self
    }

    /// Walks.
    pub async fn run(self) -> Report {
        let policy = &self.executor.0.policy;
        let roots = std::iter::once(OperationType::Query).chain(self.kinds.iter().copied());
        let ways: Vec<_> = roots.flat_map(|kind| self.ways(policy, kind)).collect();
        let members = ways.iter().flat_map(|way| way.ty.members.values());
        let mut report = Report { unreached: members.map(|it| it.coordinate.clone()).collect(), ..Report::default() };
        for way in &ways {
            for member in way.ty.members.values() {
                let Some(document) = self.document(way, member) else { continue };
                for (name, caller) in &self.callers {
                    let answer = self.ask(&document, caller).await;
                    let found = Found::of(&answer, way, member);
                    if found.is_reached() {
                        report.unreached.remove(&member.coordinate);
                    }
                    let fault = found.fault(Access::of(&member.rules, caller.rules()));
                    let fault = fault.map(|it| format!("{name}: `{}` {it}, in {document}", member.coordinate));
                    report.faults.extend(fault);
                }
            }
        }
        report
    }

    /// The ways to every object type, the shortest first.
    fn ways<'b>(&'b self, policy: &'b Policy, kind: OperationType) -> Vec<Way<'b>> {
        let root = policy.root(kind).map(|ty| Way { kind, steps: Vec::new(), ty });
        let mut next: VecDeque<_> = root.into_iter().collect();
        let (mut ways, mut visits) = (Vec::new(), BTreeMap::<&str, usize>::new());
        while let Some(way) = next.pop_front() {
            let visited = visits.entry(&way.ty.name).or_default();
            *visited += 1;
            if *visited > WAYS {
                continue;
            }
            for (name, member) in &way.ty.members {
                let Some(arguments) = self.given(&way.ty.name, name) else { continue };
                let possible = policy.find(&member.target).map(|ty| ty.possible.as_slice()).unwrap_or_default();
                for ty in possible.iter().filter_map(|name| policy.find(name)) {
                    let mut steps = way.steps.clone();
                    steps.push(Step { field: name, arguments: arguments.clone(), ty: &ty.name });
                    next.push_back(Way { kind, steps, ty });
                }
            }
            ways.push(way);
        }
        ways
    }

    /// The arguments of a field as a document has them; nothing where it needs one for which there is no value.
    fn given(&self, ty: &str, field: &str) -> Option<String> {
        let types: &TypeSystem = self.executor.0.admission.types();
        let mut given = Vec::new();
        for (name, input) in &types.composite(ty)?.field(field)?.arguments {
            match self.arguments.get(&format!("{ty}.{field}({name}:)")) {
                Some(value) => given.push(format!("{name}: {value}")),
                None if input.ty.nullable || input.has_default => {}
                None => return None,
            }
        }
        Some(if given.is_empty() { String::new() } else { format!("({})", given.join(", ")) })
    }

    fn document(&self, way: &Way<'_>, member: &Member) -> Option<String> {
        let policy = &self.executor.0.policy;
        let field = member.coordinate.split_once('.')?.1;
        let below = if policy.find(&member.target).is_some() { " { __typename }" } else { "" };
        let leaf = format!("{field}{}{below}", self.given(&way.ty.name, field)?);
        let around = |inner: String, step: &Step<'_>| {
            format!("{}{} {{ ... on {} {{ {inner} }} }}", step.field, step.arguments, step.ty)
        };
        let selected = way.steps.iter().rev().fold(leaf, around);
        Some(format!("{} {{ {selected} }}", way.kind))
    }

    async fn ask(&self, document: &str, caller: &Caller) -> Value {
        let circumstances = Circumstances { caller: caller.clone(), ..Circumstances::default() };
        let answer = self.executor.execute(Request::new(document), circumstances).await;
        serde_json::to_value(answer.response).expect("an answer has texts alone as keys")
    }
}

/// What an answer says of a field.
struct Found {
    values: usize,
    nulls: usize,
    refusals: usize,
}

impl Found {
    fn of(answer: &Value, way: &Way<'_>, member: &Member) -> Self {
        let field = member.coordinate.split_once('.').map_or("", |(_, field)| field);
        let keys = way.steps.iter().map(|step| step.field).chain([field]);
        let mut found = vec![&answer["data"]];
        for key in keys {
            found = found.into_iter().flat_map(flat).filter_map(|value| value.get(key)).collect();
        }
        let nulls = found.iter().filter(|value| value.is_null()).count();
        let errors = answer["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        let is_refusal = |error: &&Value| error["extensions"]["coordinate"] == member.coordinate.as_str();
        Self { values: found.len() - nulls, nulls, refusals: errors.iter().filter(is_refusal).count() }
    }

    const fn is_reached(&self) -> bool {
        self.values + self.nulls + self.refusals > 0
    }

    /// What is wrong with it, where the rules say `access`.
    const fn fault(&self, access: Access) -> Option<&'static str> {
        match access {
            Access::Allowed if self.refusals > 0 => Some("is refused, though the rules let it pass"),
            Access::Denied if self.values > 0 => Some("has a value, though the rules refuse it"),
            Access::Denied if self.nulls > 0 && self.refusals == 0 => Some("is null without a refusal"),
            Access::Allowed | Access::Denied | Access::Own => None,
        }
    }
}

/// The objects in a value: itself, or those in the lists it is made of.
fn flat(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().flat_map(flat).collect(),
        other => vec![other],
    }
}
