//! Judges an operation by the rules of the fields it selects, without running it: which it will be refused, which not, and
//! which only its values can tell, since their rules make way for owners.
//!
//! It walks the operation as the executor would, type by type, and decides by [`Rule::decide`] and nothing else. It lets
//! nothing through: the check inside each field decides again when it runs.

mod collect;
mod told;

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

/// How many fields are judged at most. A field below an interface is judged for every type behind it, so that a document
/// within its limits can come to more.
const ROOM: usize = 10_000;

/// An operation and for whom it is judged.
pub(super) struct Question<'a> {
    pub policy: &'a Policy,
    /// The operation, in normal form. The value of a variable in it is unknown.
    pub operation: &'a OperationDefinition,
    pub caller: Option<&'a dyn Principal>,
    /// Is it known which account the caller is, or the rights only?
    pub is_account_known: bool,
    /// Judge what lies below a refused field, too?
    pub looks_below: bool,
}

/// A field of the operation on a type it can stand on, and what becomes of it.
pub(super) struct Step<'s, 'a> {
    /// The response's keys that lead to it, without indexes of lists.
    pub path: &'s [&'a Name],
    pub position: Pos,
    pub member: &'a Member,
    pub verdict: Verdict,
    /// The argument that tells of the field, as `filter.email`; nothing where the field itself stands at the path.
    pub argument: Option<&'s str>,
    /// Would the null of what stands at the path be its parent's?
    pub is_required: bool,
    /// Is no field above it refused?
    pub is_reached: bool,
    /// Is it selected whatever the types of the values above it turn out to be?
    pub is_certain: bool,
}

/// What becomes of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Allowed,
    /// It is refused by that rule, for that reason.
    Denied(Rule, Refusal),
    /// It is refused so, unless the value is the caller's own.
    Depends(Rule, Refusal),
}

impl Verdict {
    /// What becomes of a field of these rules on a value that is the caller's own, is not, or may be.
    pub(super) fn of(rules: &[Rule], caller: Option<&dyn Principal>, is_own: Option<bool>) -> Self {
        let refused = |is_own| rules.iter().find_map(|it| it.decide(caller, is_own).err().map(|why| (*it, why)));
        let Some((rule, refusal)) = refused(is_own.unwrap_or(false)) else { return Self::Allowed };
        if is_own.is_none() && refused(true).is_none() {
            Self::Depends(rule, refusal)
        } else {
            Self::Denied(rule, refusal)
        }
    }
}

/// More fields would have to be judged than [`ROOM`] has room for.
#[derive(Debug, Clone, Copy)]
pub(super) struct TooMany;

impl<'a> Question<'a> {
    /// Shows `sink` every field of the operation, in the order of the answer, once for every type it can stand on.
    pub(super) fn each(&self, mut sink: impl FnMut(Step<'_, 'a>)) -> Result<(), TooMany> {
        let Some(root) = self.policy.root(self.operation.ty) else { return Ok(()) };
        let mut walk = Walk { question: self, path: Vec::new(), room: ROOM, is_certain: true, sink: &mut sink };
        walk.object(root, &self.operation.selection_set.node, None, true)
    }

    /// What becomes of the field where it is told of by an argument.
    fn verdict(&self, member: &Member) -> Verdict {
        Verdict::of(&member.rules, self.caller, Some(false))
    }

    /// Is a value of the type `ty` that `field` answers the caller's own? `of_parent` says whether the object is whose field it is.
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
    question: &'q Question<'a>,
    path: Vec<&'a Name>,
    room: usize,
    is_certain: bool,
    sink: &'s mut dyn FnMut(Step<'_, 'a>),
}

impl<'a> Walk<'_, 'a, '_> {
    /// Judges what `set` selects on a value of the object type `ty`.
    fn object(
        &mut self,
        ty: &'a Type,
        set: &'a SelectionSet,
        is_own: Option<bool>,
        is_reached: bool,
    ) -> Result<(), TooMany> {
        for field in self.question.collect(ty, set) {
            // Fields without a rule are the library's own.
            let Some(member) = ty.members.get(field.node.name.node.as_str()) else { continue };
            self.room = self.room.checked_sub(1).ok_or(TooMany)?;
            self.path.push(&field.node.response_key().node);
            let verdict = Verdict::of(&member.rules, self.question.caller, is_own);
            let (position, is_required) = (field.pos, member.is_required);
            let (path, is_certain) = (&self.path, self.is_certain);
            (self.sink)(Step { path, position, member, verdict, argument: None, is_required, is_reached, is_certain });
            let mut goes_on = is_reached && !matches!(verdict, Verdict::Denied(..));
            for told in self.question.told(member, &field.node) {
                if !(goes_on || self.question.looks_below) {
                    break;
                }
                // It tells of everyone's values, so no caller passes as an owner.
                let (argument, verdict) = (Some(&*told.argument), self.question.verdict(told.member));
                let (member, is_reached) = (told.member, goes_on);
                (self.sink)(Step { path, position, member, verdict, argument, is_required, is_reached, is_certain });
                goes_on &= !matches!(verdict, Verdict::Denied(..));
            }
            if goes_on || self.question.looks_below {
                self.below(member, &field.node, is_own, goes_on)?;
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
    ) -> Result<(), TooMany> {
        let policy = self.question.policy;
        let possible = policy.find(&member.target).map(|it| it.possible.as_slice()).unwrap_or_default();
        let is_certain = self.is_certain;
        self.is_certain &= possible.len() == 1;
        for ty in possible.iter().filter_map(|name| policy.find(name)) {
            let is_own = self.question.is_own(member, field, ty, of_parent);
            self.object(ty, &field.selection_set.node, is_own, is_reached)?;
        }
        self.is_certain = is_certain;
        Ok(())
    }
}
