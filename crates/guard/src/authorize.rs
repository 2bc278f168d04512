//! Evaluates the rules of the fields that an operation selects, without running it. A field is allowed, denied, or
//! depends on who owns its value.
//!
//! It walks the operation type by type, as the executor does, and decides with [`Rule::decide`]. It grants no access:
//! the check in each field decides again during execution.

mod collect;
mod exposed;

use async_graphql::{
    Name, Pos, Value,
    parser::types::{Field, OperationDefinition, SelectionSet},
};
use fieldguard_policy::{
    Principal,
    rule::{Refusal, Rule},
};

use super::{
    owner::Ownership,
    registry::{Member, Policy, Type},
};

/// The maximum number of evaluated fields. A field of an interface is evaluated once per implementing type, so a
/// document within its limits can exceed this number.
const MAX_FIELDS: usize = 10_000;

/// An operation and the caller to evaluate it for.
pub(super) struct Authorization<'a> {
    pub policy: &'a Policy,
    /// The operation in normal form. Values of its variables are unknown.
    pub operation: &'a OperationDefinition,
    pub caller: Option<&'a dyn Principal>,
    /// Whether `caller` is a specific account. If not, only its permissions are known.
    pub is_account_known: bool,
    /// Whether to evaluate fields below denied fields.
    pub visits_denied: bool,
}

/// A field of the operation on one possible type, with its verdict.
pub(super) struct VisitedField<'s, 'a> {
    /// The response keys that lead to the field, without list indexes.
    pub path: &'s [&'a Name],
    pub position: Pos,
    pub member: &'a Member,
    pub verdict: Verdict,
    /// The argument that exposes the field, such as `filter.email`; `None` if the path leads to the field itself.
    pub argument: Option<&'s str>,
    /// Whether a null at this path propagates to the parent.
    pub is_required: bool,
    /// Whether no field above is denied.
    pub is_reached: bool,
    /// Whether the field is selected for every possible type of the values above it.
    pub is_certain: bool,
}

/// The result of evaluating a field's rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Allowed,
    /// Denied by this rule, for this reason.
    Denied(Rule, Refusal),
    /// Denied by this rule unless the caller owns the value.
    Depends(Rule, Refusal),
}

impl Verdict {
    /// Evaluates `rules` for a value that the caller owns, does not own, or may own (`None`).
    pub(super) fn of(rules: &[Rule], caller: Option<&dyn Principal>, is_own: Option<bool>) -> Self {
        let refused = |is_own| rules.iter().find_map(|rule| rule.decide(caller, is_own).err().map(|why| (*rule, why)));
        let Some((rule, refusal)) = refused(is_own.unwrap_or(false)) else { return Self::Allowed };
        if is_own.is_none() && refused(true).is_none() {
            Self::Depends(rule, refusal)
        } else {
            Self::Denied(rule, refusal)
        }
    }
}

/// The operation has more fields than [`MAX_FIELDS`].
#[derive(Debug, Clone, Copy)]
pub(super) struct TooManyFields;

impl<'a> Authorization<'a> {
    /// Calls `sink` for every field of the operation in response order, once per possible type.
    pub(super) fn for_each_field(&self, mut sink: impl FnMut(VisitedField<'_, 'a>)) -> Result<(), TooManyFields> {
        let Some(root) = self.policy.root(self.operation.ty) else { return Ok(()) };
        let mut walk =
            Walk { authorization: self, path: Vec::new(), remaining: MAX_FIELDS, is_certain: true, sink: &mut sink };
        walk.object(root, &self.operation.selection_set.node, None, true)
    }

    /// The verdict on a field that an argument exposes.
    fn verdict(&self, member: &Member) -> Verdict {
        Verdict::of(&member.rules, self.caller, Some(false))
    }

    /// Whether the caller owns a value of type `ty` returned by `field`; `None` if unknown. `of_parent` is the same for
    /// the parent object.
    fn is_own(&self, member: &Member, field: &'a Field, ty: &Type, of_parent: Option<bool>) -> Option<bool> {
        match member.ownership.as_ref()? {
            Ownership::Recipient => Some(true),
            Ownership::Caller => self.caller.map(|_| true),
            Ownership::Parent => of_parent,
            Ownership::Argument { of: Some(of), .. } if *of != ty.name => None,
            Ownership::Argument { name, .. } => {
                let caller = self.caller.filter(|_| self.is_account_known)?;
                match field.get_argument(name)?.node.clone().into_const()? {
                    Value::String(id) => Some(caller.is_named(&id)),
                    _ => Some(false),
                }
            }
        }
    }
}

struct Walk<'q, 'a, 's> {
    authorization: &'q Authorization<'a>,
    path: Vec<&'a Name>,
    remaining: usize,
    is_certain: bool,
    sink: &'s mut dyn FnMut(VisitedField<'_, 'a>),
}

impl<'a> Walk<'_, 'a, '_> {
    /// Evaluates the selection `set` on the object type `ty`.
    fn object(
        &mut self,
        ty: &'a Type,
        set: &'a SelectionSet,
        is_own: Option<bool>,
        is_reached: bool,
    ) -> Result<(), TooManyFields> {
        for field in self.authorization.collect(ty, set) {
            // Fields without a rule belong to async-graphql.
            let Some(member) = ty.members.get(field.node.name.node.as_str()) else { continue };
            self.remaining = self.remaining.checked_sub(1).ok_or(TooManyFields)?;
            self.path.push(&field.node.response_key().node);
            let verdict = Verdict::of(&member.rules, self.authorization.caller, is_own);
            let (position, is_required) = (field.pos, member.is_required);
            let (path, is_certain) = (&self.path, self.is_certain);
            (self.sink)(VisitedField {
                path,
                position,
                member,
                verdict,
                argument: None,
                is_required,
                is_reached,
                is_certain,
            });
            let mut continues = is_reached && !matches!(verdict, Verdict::Denied(..));
            for exposed in self.authorization.exposed_fields(member, &field.node) {
                if !(continues || self.authorization.visits_denied) {
                    break;
                }
                // The argument exposes values of all owners, so no caller passes as an owner.
                let (argument, verdict) = (Some(&*exposed.argument), self.authorization.verdict(exposed.member));
                let (member, is_reached) = (exposed.member, continues);
                (self.sink)(VisitedField {
                    path,
                    position,
                    member,
                    verdict,
                    argument,
                    is_required,
                    is_reached,
                    is_certain,
                });
                continues &= !matches!(verdict, Verdict::Denied(..));
            }
            if continues || self.authorization.visits_denied {
                self.below(member, &field.node, is_own, continues)?;
            }
            self.path.pop();
        }
        Ok(())
    }

    fn below(
        &mut self,
        member: &'a Member,
        field: &'a Field,
        of_parent: Option<bool>,
        is_reached: bool,
    ) -> Result<(), TooManyFields> {
        let policy = self.authorization.policy;
        let possible = policy.find(&member.target).map(|ty| ty.possible.as_slice()).unwrap_or_default();
        let is_certain = self.is_certain;
        self.is_certain &= possible.len() == 1;
        for ty in possible.iter().filter_map(|name| policy.find(name)) {
            let is_own = self.authorization.is_own(member, field, ty, of_parent);
            self.object(ty, &field.selection_set.node, is_own, is_reached)?;
        }
        self.is_certain = is_certain;
        Ok(())
    }
}
