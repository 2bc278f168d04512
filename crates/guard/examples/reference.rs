//! Answers GraphQL requests on standard input, one JSON object per line, on a schema with every kind of type. The values
//! follow from numbers, so that `tests/reference` can hold each answer against graphql-js, the reference implementation.
//!
//! `cargo run -p fieldguard-guard --example reference -- schema` prints the schema.

use std::{
    io::{self, BufRead, Write},
    sync::atomic::{AtomicI32, Ordering},
};

use async_graphql::{
    Context, EmptySubscription, Enum, Error, InputObject, Interface, MergedObject, Object, OneofObject, Request,
    Result, Schema, Union,
};
use fieldguard_guard::{
    conventions::Conventions,
    execute::{Executor, RequestContext},
    guarded,
    json::{encode, written},
    registry,
    settings::{Limits, Settings},
};
use tokio::task::yield_now;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
enum Kind {
    Odd,
    Even,
}

/// A number with fields of every nullability.
#[derive(Clone)]
struct Number(i32);

fn fail(what: &str, number: i32, divisor: i32) -> Result<i32> {
    if number % divisor == 0 { Err(Error::new(format!("{what} of {number}"))) } else { Ok(number) }
}

fn items(number: i32) -> Vec<Item> {
    (number..number + 3).map(Item).collect()
}

#[guarded]
#[Object]
impl Number {
    #[public]
    async fn value(&self) -> i32 {
        self.0
    }

    #[public]
    async fn text(&self) -> Option<String> {
        (self.0 % 5 != 0).then(|| format!("n\u{e4}\"{}\"", self.0))
    }

    #[public]
    async fn kind(&self) -> Kind {
        if self.0 % 2 == 0 { Kind::Even } else { Kind::Odd }
    }

    #[public]
    async fn matrix(&self) -> Option<Vec<Option<Vec<i32>>>> {
        Some(vec![Some(vec![self.0, 1]), None, Some(Vec::new())])
    }

    #[public]
    async fn late(&self) -> f64 {
        yield_now().await;
        f64::from(self.0) + 0.5
    }

    #[public]
    async fn fails(&self) -> Result<Option<i32>> {
        fail("fails", self.0, 3).map(Some)
    }

    #[public]
    async fn fails_required(&self) -> Result<i32> {
        fail("failsRequired", self.0, 3)
    }

    #[public]
    async fn fails_late(&self) -> Result<i32> {
        yield_now().await;
        fail("failsLate", self.0, 4)
    }

    #[requires(signed_in)]
    async fn denied(&self) -> Option<i32> {
        Some(self.0)
    }

    #[requires(signed_in)]
    async fn denied_required(&self) -> i32 {
        self.0
    }

    #[public]
    async fn next(&self) -> Option<Number> {
        (self.0 % 7 != 6).then_some(Self(self.0 + 1))
    }

    #[public]
    async fn next_required(&self) -> Result<Number> {
        fail("nextRequired", self.0, 5).map(|number| Self(number + 1))
    }

    #[public]
    async fn next_late(&self, ctx: &Context<'_>) -> Result<Option<Number>> {
        yield_now().await;
        assert_eq!(ctx.field().name(), "nextLate");
        Ok(fail("nextLate", self.0, 6).map(|number| Self(number + 1)).ok().filter(|number| number.0 % 2 == 0))
    }

    #[public]
    async fn plus(&self, #[graphql(default = 2)] number: i32, add: Option<Vec<Option<i32>>>) -> Number {
        Self((self.0 + number + add.into_iter().flatten().flatten().sum::<i32>()) % 100)
    }

    #[public]
    async fn described(&self, input: Description) -> String {
        input.describe(self.0)
    }

    #[public]
    async fn chosen(&self, choice: Choice) -> String {
        match choice {
            Choice::Number(number) => format!("number {number}"),
            Choice::Text(text) => format!("text {text}"),
        }
    }

    #[public]
    #[graphql(name = "listNN")]
    async fn all_required(&self) -> Vec<Item> {
        items(self.0)
    }

    #[public]
    #[graphql(name = "listNn")]
    async fn items_optional(&self) -> Vec<Option<Item>> {
        items(self.0).into_iter().map(|item| (item.0 % 4 != 1).then_some(item)).collect()
    }

    #[public]
    #[graphql(name = "listnN")]
    async fn list_optional(&self) -> Option<Vec<Item>> {
        Some(items(self.0))
    }

    #[public]
    #[graphql(name = "listnn")]
    async fn all_optional(&self) -> Option<Vec<Option<Item>>> {
        yield_now().await;
        Some(items(self.0).into_iter().map(|item| (item.0 % 4 != 1).then_some(item)).collect())
    }

    #[public]
    async fn entry(&self) -> Option<Entry> {
        Some(if self.0 % 2 == 0 { Entry::Number(self.clone()) } else { Entry::Item(Item(self.0)) })
    }

    #[public]
    async fn thing(&self) -> Thing {
        if self.0 % 2 == 0 { Thing::Number(self.clone()) } else { Thing::Item(Item(self.0)) }
    }

    #[public]
    async fn things(&self) -> Vec<Thing> {
        vec![Thing::Number(self.clone()), Thing::Item(Item(self.0))]
    }
}

/// Something that fails if it is asked for its weight.
#[derive(Clone)]
struct Item(i32);

#[guarded(public)]
#[Object]
impl Item {
    async fn value(&self) -> i32 {
        self.0
    }

    async fn weight(&self) -> Result<i32> {
        fail("weight", self.0, 2)
    }

    async fn weight_late(&self) -> Result<Option<i32>> {
        yield_now().await;
        fail("weightLate", self.0, 3).map(Some)
    }

    async fn number(&self) -> Number {
        Number(self.0)
    }
}

#[derive(Interface)]
#[graphql(field(name = "value", ty = "i32"))]
enum Thing {
    Number(Number),
    Item(Item),
}

#[derive(Union)]
enum Entry {
    Number(Number),
    Item(Item),
}

#[derive(InputObject)]
struct Description {
    prefix: String,
    #[graphql(default)]
    times: i32,
    kinds: Option<Vec<Kind>>,
    inner: Option<Box<Description>>,
}

impl Description {
    fn describe(&self, number: i32) -> String {
        let kinds = self.kinds.as_ref().map_or(0, Vec::len);
        let inner = self.inner.as_ref().map(|inner| inner.describe(number)).unwrap_or_default();
        format!("{}{number}/{}/{kinds}/{inner}", self.prefix, self.times)
    }
}

#[derive(OneofObject)]
enum Choice {
    Number(i32),
    Text(String),
}

#[derive(Default)]
struct Numbers;

#[guarded(public)]
#[Object]
impl Numbers {
    async fn number(&self, #[graphql(default = 1)] of: i32) -> Option<Number> {
        (of != 13).then_some(Number(of))
    }

    async fn numbers(&self, #[graphql(default = 3)] first: i32) -> Vec<Number> {
        (0..first.clamp(0, 5)).map(Number).collect()
    }

    async fn late_numbers(&self) -> Result<Vec<Number>> {
        yield_now().await;
        Ok((1..4).map(Number).collect())
    }
}

#[derive(Default)]
struct Things;

#[guarded(public)]
#[Object]
impl Things {
    async fn thing(&self, kind: Option<Kind>) -> Thing {
        if kind == Some(Kind::Odd) { Thing::Item(Item(1)) } else { Thing::Number(Number(2)) }
    }

    async fn entries(&self) -> Vec<Option<Entry>> {
        vec![Some(Entry::Number(Number(4))), None, Some(Entry::Item(Item(3)))]
    }
}

#[derive(MergedObject, Default)]
struct Query(Numbers, Things);

/// A counter for one request.
#[derive(Default)]
struct Counter(AtomicI32);

struct Mutation;

#[guarded(public)]
#[Object]
impl Mutation {
    /// Yields between reading and writing, which only an execution in series survives.
    async fn add(&self, ctx: &Context<'_>, #[graphql(default = 1)] by: i32) -> Result<Number> {
        let counter = &ctx.data_unchecked::<Counter>().0;
        let before = counter.load(Ordering::Relaxed);
        yield_now().await;
        counter.store(before + by, Ordering::Relaxed);
        fail("add", before + by, 5).map(Number)
    }
}

#[derive(serde::Deserialize)]
struct Line {
    query: String,
    #[serde(default)]
    variables: async_graphql::Variables,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let schema = Schema::build(Query::default(), Mutation, EmptySubscription);
    let schema = registry::complete(schema, &Conventions::PLAIN);
    let mut out = io::stdout().lock();
    if std::env::args().nth(1).as_deref() == Some("schema") {
        return writeln!(out, "{}", schema.finish().sdl());
    }
    // Every limit is far above the generated documents, which graphql-js does not limit.
    let limits = Limits {
        depth: 100,
        selections: 100_000,
        complexity: 1_000_000,
        aliases: 1_000,
        root_fields: 1_000,
        directives: 1_000,
        errors: 10_000,
        ..Limits::default()
    };
    let executor = Executor::new(schema, Settings { limits, ..Settings::default() });
    for line in io::stdin().lock().lines() {
        let Line { query, variables } = serde_json::from_str(&line?).map_err(io::Error::other)?;
        let request = written(Request::new(query).variables(variables).data(Counter::default()));
        let answer = executor.execute(request, RequestContext::default()).await;
        out.write_all(&encode(&answer.response))?;
        writeln!(out)?;
    }
    Ok(())
}
