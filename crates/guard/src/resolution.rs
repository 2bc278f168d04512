//! Resolves objects and lists without boxing a future per field. Most fields are ready at once, and for them boxing
//! costs more than everything else. Pending fields are awaited together, as async-graphql does, so that a data loader
//! can batch a whole list. Every field goes through the same method as in async-graphql, so values, rules and errors
//! don't change. Only async-graphql extensions are not notified of these fields; Fieldguard has none.

use std::{
    borrow::Cow,
    future::{Future, poll_fn},
    mem,
    pin::Pin,
    task::Poll,
};

use async_graphql::{
    ContainerType, ContextSelectionSet, OutputType, Positioned, ServerResult, Value,
    indexmap::IndexMap,
    parser::types::{Field, Selection, SelectionSet},
    registry::Registry,
    resolver_utils::resolve_container,
};
use futures_util::future::try_join_all;

/// The maximum number of fields of an object that are resolved here. The search for duplicate keys is quadratic;
/// objects with more fields use async-graphql's linear implementation.
const MAX_FIELDS: usize = 64;

/// A list of objects: `Vec<T>` in the schema.
pub struct Objects<T>(pub Vec<T>);

/// An object: `T` in the schema.
pub struct One<T>(pub T);

impl<T: ContainerType> OutputType for Objects<T> {
    fn type_name() -> Cow<'static, str> {
        Vec::<T>::type_name()
    }

    fn qualified_type_name() -> String {
        Vec::<T>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Vec::<T>::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        let item = |index: usize| async move {
            let ctx = ctx.with_index(index);
            object(&ctx, &self.0[index]).await.map_err(|error| ctx.set_error_path(error))
        };
        join_ordered(self.0.len(), item).await.map(Value::List)
    }
}

impl<T: ContainerType> OutputType for One<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        self.0.introspection_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        object(ctx, &self.0).await
    }
}

async fn object<T: ContainerType>(ctx: &ContextSelectionSet<'_>, object: &T) -> ServerResult<Value> {
    let name = object.introspection_type_name();
    let mut fields = Vec::with_capacity(ctx.item.node.items.len());
    if !collect(ctx, &ctx.item.node, &name, &mut fields) {
        return resolve_container(ctx, object).await;
    }
    let (asked, name) = (&fields, &name);
    let field = |index: usize| async move {
        let field = asked[index];
        if field.node.name.node == "__typename" {
            return Ok(Value::from(name.as_ref()));
        }
        Ok(object.resolve_field(&ctx.with_field(field)).await?.unwrap_or_default())
    };
    let values = join_ordered(fields.len(), field).await?;
    let mut map = IndexMap::with_capacity(fields.len());
    map.extend(fields.iter().map(|field| field.node.response_key().node.clone()).zip(values));
    Ok(Value::Object(map))
}

/// Collects the fields that `set` selects on an object of type `name`. Returns `false` for cases that async-graphql
/// handles: directives on fields, duplicate response keys, whose values must be merged, and more than [`MAX_FIELDS`]
/// fields.
fn collect<'a>(
    ctx: &ContextSelectionSet<'a>,
    set: &'a SelectionSet,
    name: &str,
    fields: &mut Vec<&'a Positioned<Field>>,
) -> bool {
    set.items.iter().all(|selection| match &selection.node {
        Selection::Field(field) => {
            let key = field.node.response_key();
            let is_plain = field.node.directives.is_empty()
                && fields.len() < MAX_FIELDS
                && !fields.iter().any(|known| known.node.response_key().node == key.node);
            fields.push(field);
            is_plain
        }
        Selection::InlineFragment(fragment) => {
            let condition = fragment.node.type_condition.as_ref().map(|condition| condition.node.on.node.as_str());
            !applies(ctx, condition, name) || collect(ctx, &fragment.node.selection_set.node, name, fields)
        }
        Selection::FragmentSpread(spread) => {
            let Some(fragment) = ctx.query_env.fragments.get(&spread.node.fragment_name.node) else { return false };
            let condition = fragment.node.type_condition.node.on.node.as_str();
            !applies(ctx, Some(condition), name) || collect(ctx, &fragment.node.selection_set.node, name, fields)
        }
    })
}

/// Whether a fragment on the type `condition` applies to an object of type `name`.
fn applies(ctx: &ContextSelectionSet<'_>, condition: Option<&str>, name: &str) -> bool {
    let interfaces = || ctx.schema_env.registry.implements.get(name);
    condition.is_none_or(|condition| {
        condition == name || interfaces().is_some_and(|interfaces| interfaces.contains(condition))
    })
}

/// Awaits the futures that `make` creates for the indexes below `count`. Returns their outputs in order, or the first
/// error. All run concurrently; a future that is ready at once reuses the allocation of the previous one.
async fn join_ordered<F: Future<Output = ServerResult<Value>>>(
    count: usize,
    make: impl Fn(usize) -> F,
) -> ServerResult<Vec<Value>> {
    let (mut values, mut waiting, mut pending) = (Vec::with_capacity(count), Vec::new(), Vec::new());
    let mut place = Box::pin(None);
    for index in 0..count {
        place.set(Some(make(index)));
        match poll_fn(|context| Poll::Ready(current(&mut place).poll(context))).await {
            Poll::Ready(value) => values.push(value?),
            Poll::Pending => {
                values.push(Value::Null);
                pending.push(index);
                waiting.push(mem::replace(&mut place, Box::pin(None)));
            }
        }
    }
    let waiting = waiting.into_iter().map(|mut future| async move { current(&mut future).await });
    for (index, value) in pending.into_iter().zip(try_join_all(waiting).await?) {
        values[index] = value;
    }
    Ok(values)
}

fn current<F>(place: &mut Pin<Box<Option<F>>>) -> Pin<&mut F> {
    place.as_mut().as_pin_mut().expect("the place contains a future")
}

#[cfg(test)]
mod tests {
    use std::{
        future::ready,
        sync::atomic::{AtomicUsize, Ordering},
    };

    use async_graphql::{EmptyMutation, EmptySubscription, Interface, Object, Schema};
    use tokio::{sync::Barrier, task::yield_now};

    use super::*;

    /// The number of fields that wait for each other. If fewer ran at once, the test would not end.
    const ROWS: usize = 5;

    struct Row(usize);

    #[Object]
    impl Row {
        async fn number(&self) -> usize {
            self.0
        }

        /// Ready only after other tasks ran.
        async fn late(&self) -> usize {
            yield_now().await;
            self.0 * 10
        }

        /// Fails for one row, whose value is null.
        async fn odd(&self) -> async_graphql::Result<Option<&str>> {
            ready(if self.0 == 3 { Err("not three".into()) } else { Ok(Some("odd")) }).await
        }

        /// Like `odd`, but pending at first.
        async fn late_odd(&self) -> async_graphql::Result<usize> {
            yield_now().await;
            if self.0 == 3 { Err("not three".into()) } else { Ok(self.0) }
        }

        async fn met(&self, ctx: &async_graphql::Context<'_>) -> bool {
            ctx.data_unchecked::<Barrier>().wait().await;
            true
        }

        async fn counted(&self, ctx: &async_graphql::Context<'_>) -> usize {
            ctx.data_unchecked::<AtomicUsize>().fetch_add(1, Ordering::Relaxed)
        }

        async fn quick(&self) -> One<Row> {
            One(Row(self.0 + 1))
        }

        async fn plain(&self) -> Row {
            Row(self.0 + 1)
        }
    }

    #[derive(Interface)]
    #[graphql(field(name = "number", ty = "usize"))]
    enum Numbered {
        Row(Row),
    }

    struct Query;

    #[Object]
    impl Query {
        async fn quick(&self) -> Objects<Row> {
            Objects((0..ROWS).map(Row).collect())
        }

        async fn plain(&self) -> Vec<Row> {
            (0..ROWS).map(Row).collect()
        }

        async fn none(&self) -> Objects<Row> {
            Objects(Vec::new())
        }

        async fn numbered(&self) -> Numbered {
            Row(7).into()
        }
    }

    async fn run(selection: &str) -> String {
        let builder = Schema::build(Query, EmptyMutation, EmptySubscription);
        let schema = builder.data(Barrier::new(ROWS)).data(AtomicUsize::new(0)).finish();
        let document = format!(
            "{{ {selection} none {{ number }} numbered {{ ...Rest }} }} \
             fragment Rest on Row {{ late ...More }} fragment More on Numbered {{ number __typename }}"
        );
        let mut answer = schema.execute(document).await;
        answer.errors.sort_by_key(|error| format!("{:?}", error.path));
        serde_json::to_string(&answer).unwrap()
    }

    #[tokio::test]
    async fn results_equal_those_of_async_graphql() {
        let [all, more] = [MAX_FIELDS, MAX_FIELDS + 1]
            .map(|count| (0..count).map(|index| format!("a{index}: number ")).collect::<Vec<_>>().concat());
        for selection in [
            &all,
            &more,
            "number",
            "__typename number late",
            "late number a: late b: number",
            "number number",
            "quick { number } quick { late }",
            "plain { number } plain { late }",
            "...Rest late",
            "odd late ... on Numbered { number } ... on Row { __typename } ... { other: number }",
            "odd number",
            "number lateOdd",
            "lateOdd odd",
            "quick { odd plain { lateOdd number quick { odd late } } }",
            "number @skip(if: true) late @include(if: true)",
            "... @skip(if: true) { number } late",
        ] {
            let [quick, plain] = ["quick", "plain"].map(|list| format!("it: {list} {{ {selection} }}"));
            let (quick, plain) = (run(&quick).await, run(&plain).await);
            assert_eq!(quick, plain, "{selection}");
            assert!(quick.contains("\"none\":[]") || quick.contains("not three"), "{quick}");
        }
    }

    /// The fields of a list run concurrently: each waits for those of all other rows.
    #[tokio::test]
    async fn pending_fields_run_concurrently() {
        assert!(run("quick { met }").await.contains(r#"{"met":true}"#));
    }

    #[tokio::test]
    async fn each_field_is_resolved_once_in_order() {
        let answer = run("quick { number late counted }").await;
        let counted: Vec<_> =
            answer.match_indices(r#""counted":"#).map(|(at, found)| &answer[at + found.len()..][..1]).collect();
        assert_eq!(counted, ["0", "1", "2", "3", "4"]);
    }
}
