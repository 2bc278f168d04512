//! Queries every field as every kind of caller.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use async_graphql::{Request, parser::types::OperationType};
use serde_json::Value;

use crate::{
    access::Access,
    caller::Caller,
    execute::{Executor, RequestContext},
    registry::{Member, Policy, Type, TypeSystem},
};

/// The maximum number of paths from the root on which a type is visited.
const MAX_PATHS: usize = 8;

/// Queries every field of a schema as every kind of caller. It runs mutations only if [`Walk::mutations`] is called,
/// because they change data.
pub struct Walk<'a> {
    executor: &'a Executor,
    callers: Vec<(String, Caller)>,
    arguments: BTreeMap<String, String>,
    kinds: Vec<OperationType>,
}

/// The result of a walk.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Answers that contradict the rules, one sentence each.
    pub faults: Vec<String>,
    /// The coordinates of fields that the walk did not reach as any caller.
    pub unreached: BTreeSet<String>,
}

impl Report {
    /// Fails the test if there are faults or unreached fields.
    ///
    /// # Panics
    ///
    /// With the faults or the unreached fields.
    #[track_caller]
    pub fn assert_whole(&self) {
        assert!(self.faults.is_empty(), "{} faults:\n{}", self.faults.len(), self.faults.join("\n"));
        assert!(
            self.unreached.is_empty(),
            "the walk did not reach these fields, add arguments and data for them: {:?}",
            self.unreached
        );
    }
}

/// A path from the root to an object type.
#[derive(Clone)]
struct Path<'a> {
    kind: OperationType,
    steps: Vec<Step<'a>>,
    ty: &'a Type,
}

/// A field with its arguments and the type of its value.
#[derive(Clone)]
struct Step<'a> {
    field: &'a str,
    arguments: String,
    ty: &'a str,
}

impl<'a> Walk<'a> {
    /// Creates a walk through the queries of the schema that `executor` runs. Add at least one caller.
    #[must_use]
    pub const fn new(executor: &'a Executor) -> Self {
        Self { executor, callers: Vec::new(), arguments: BTreeMap::new(), kinds: Vec::new() }
    }

    /// Adds a caller.
    #[must_use]
    pub fn caller(mut self, name: &str, caller: Caller) -> Self {
        self.callers.push((name.to_owned(), caller));
        self
    }

    /// Sets the value of an argument, `Type.field(argument:)`, in GraphQL syntax. Arguments without a value are
    /// omitted; fields that require one are not reached.
    #[must_use]
    pub fn argument(mut self, coordinate: &str, value: &str) -> Self {
        self.arguments.insert(coordinate.to_owned(), value.to_owned());
        self
    }

    /// Includes mutations.
    #[must_use]
    pub fn mutations(mut self) -> Self {
        self.kinds.push(OperationType::Mutation);
        self
    }

    /// Runs the walk.
    pub async fn run(self) -> Report {
        let policy = &self.executor.0.policy;
        let roots = std::iter::once(OperationType::Query).chain(self.kinds.iter().copied());
        let paths: Vec<_> = roots.flat_map(|kind| self.paths(policy, kind)).collect();
        let members = paths.iter().flat_map(|path| path.ty.members.values());
        let mut report =
            Report { unreached: members.map(|member| member.coordinate.clone()).collect(), ..Report::default() };
        for path in &paths {
            for member in path.ty.members.values() {
                let Some(document) = self.document(path, member) else { continue };
                for (name, caller) in &self.callers {
                    let answer = self.ask(&document, caller).await;
                    let found = Found::of(&answer, path, member);
                    if found.is_reached() {
                        report.unreached.remove(&member.coordinate);
                    }
                    let fault = found.fault(Access::of(&member.rules, caller.rules()));
                    let fault = fault.map(|fault| format!("{name}: `{}` {fault}, in {document}", member.coordinate));
                    report.faults.extend(fault);
                }
            }
        }
        report
    }

    /// The paths to every object type, shortest first.
    fn paths<'b>(&'b self, policy: &'b Policy, kind: OperationType) -> Vec<Path<'b>> {
        let root = policy.root(kind).map(|ty| Path { kind, steps: Vec::new(), ty });
        let mut next: VecDeque<_> = root.into_iter().collect();
        let (mut paths, mut visits) = (Vec::new(), BTreeMap::<&str, usize>::new());
        while let Some(path) = next.pop_front() {
            let visited = visits.entry(&path.ty.name).or_default();
            *visited += 1;
            if *visited > MAX_PATHS {
                continue;
            }
            for (name, member) in &path.ty.members {
                let Some(arguments) = self.given(&path.ty.name, name) else { continue };
                let possible = policy.find(&member.target).map(|ty| ty.possible.as_slice()).unwrap_or_default();
                for ty in possible.iter().filter_map(|name| policy.find(name)) {
                    let mut steps = path.steps.clone();
                    steps.push(Step { field: name, arguments: arguments.clone(), ty: &ty.name });
                    next.push_back(Path { kind, steps, ty });
                }
            }
            paths.push(path);
        }
        paths
    }

    /// The arguments of a field in GraphQL syntax; `None` if a required argument has no value.
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

    fn document(&self, path: &Path<'_>, member: &Member) -> Option<String> {
        let policy = &self.executor.0.policy;
        let field = member.coordinate.split_once('.')?.1;
        let below = if policy.find(&member.target).is_some() { " { __typename }" } else { "" };
        let leaf = format!("{field}{}{below}", self.given(&path.ty.name, field)?);
        let around = |inner: String, step: &Step<'_>| {
            format!("{}{} {{ ... on {} {{ {inner} }} }}", step.field, step.arguments, step.ty)
        };
        let selected = path.steps.iter().rev().fold(leaf, around);
        Some(format!("{} {{ {selected} }}", path.kind))
    }

    async fn ask(&self, document: &str, caller: &Caller) -> Value {
        let context = RequestContext { caller: caller.clone(), ..RequestContext::default() };
        let answer = self.executor.execute(Request::new(document), context).await;
        serde_json::to_value(answer.response).expect("all keys of an answer are strings")
    }
}

/// What an answer contains for a field.
struct Found {
    values: usize,
    nulls: usize,
    refusals: usize,
}

impl Found {
    fn of(answer: &Value, path: &Path<'_>, member: &Member) -> Self {
        let field = member.coordinate.split_once('.').map_or("", |(_, field)| field);
        let keys = path.steps.iter().map(|step| step.field).chain([field]);
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

    /// The contradiction between the answer and `access`, if there is one.
    const fn fault(&self, access: Access) -> Option<&'static str> {
        match access {
            Access::Allowed if self.refusals > 0 => Some("is denied, although the rules allow it"),
            Access::Denied if self.values > 0 => Some("has a value, although the rules deny it"),
            Access::Denied if self.nulls > 0 && self.refusals == 0 => Some("is null without an error"),
            Access::Allowed | Access::Denied | Access::Own => None,
        }
    }
}

/// The value itself, or the values in its nested lists.
fn flat(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().flat_map(flat).collect(),
        other => vec![other],
    }
}
