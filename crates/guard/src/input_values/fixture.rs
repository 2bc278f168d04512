//! A schema with every kind of input type, for tests.

use async_graphql::{
    EmptyMutation, EmptySubscription, Enum, InputObject, InputValueResult, Object, OneofObject, Scalar, ScalarType,
    Schema, Value,
};
use chrono::{DateTime, Utc};

use crate::{
    conventions::Conventions,
    registry::{self, TypeSystem},
};

#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(name = "Enum")]
enum Choice {
    One,
    Two,
}

#[derive(InputObject)]
struct Input {
    name: String,
    #[graphql(default = 3)]
    size: i32,
    tags: Option<Vec<String>>,
    inner: Option<Box<Input>>,
    choice: Option<Choice>,
}

#[derive(OneofObject)]
enum Either {
    Name(String),
    Number(i32),
}

struct Anything(Value);

#[Scalar]
impl ScalarType for Anything {
    fn parse(value: Value) -> InputValueResult<Self> {
        Ok(Self(value))
    }

    fn to_value(&self) -> Value {
        self.0.clone()
    }
}

struct Query;

#[Object]
#[expect(unused_variables, clippy::too_many_arguments, reason = "the schema alone is used")]
impl Query {
    async fn a(
        &self,
        i: Option<Input>,
        e: Option<Choice>,
        n: Option<i32>,
        l: Option<Vec<String>>,
        #[graphql(default = 5)] d: i32,
        o: Option<Either>,
        t: Option<DateTime<Utc>>,
        x: Option<Anything>,
        f: Option<f64>,
        id: Option<async_graphql::ID>,
        m: Option<Vec<Vec<String>>>,
    ) -> i32 {
        1
    }
}

pub(super) fn types() -> TypeSystem {
    let builder = registry::complete(Schema::build(Query, EmptyMutation, EmptySubscription), &Conventions::PLAIN);
    registry::inspect(builder, TypeSystem::of).1
}
