//! Objects that are written as JSON at once: every answer equals that of async-graphql's executor, with the same errors and
//! the same number of calls of every method.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use async_graphql::{
    Context, EmptyMutation, EmptySubscription, Enum, ID, InputValueError, InputValueResult, Interface, Object, Request,
    Response, Scalar, ScalarType, Schema, Union, Value,
};
use chrono::{DateTime, Utc};
use fieldguard_guard::{
    Owned,
    caller::Caller,
    conventions::Conventions,
    execute::{Executor, RequestContext},
    guarded,
    json::{encode, written},
    policy::{Principal, permission::Permission},
    registry,
    settings::Settings,
};

const READ: Permission = Permission::new("trees:read", "Read every tree.");

#[derive(Debug, Clone, Copy)]
struct Forester {
    number: i32,
    reads_all: bool,
}

impl Principal for Forester {
    fn has_role(&self, _name: &str) -> bool {
        false
    }

    fn can(&self, permission: Permission) -> bool {
        self.reads_all && permission.name() == READ.name()
    }

    fn has_session(&self) -> bool {
        true
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
enum Kind {
    Broadleaf,
    Conifer,
}

/// A length in meters.
#[derive(Debug, Clone, Copy)]
struct Meters(f64);

#[Scalar]
impl ScalarType for Meters {
    fn parse(value: Value) -> InputValueResult<Self> {
        Err(InputValueError::expected_type(value))
    }

    fn to_value(&self) -> Value {
        Value::from(self.0)
    }
}

#[derive(Debug, Clone)]
struct Tree {
    number: i32,
    calls: Arc<AtomicUsize>,
    leaf: Option<Arc<Leaf>>,
}

impl Tree {
    fn new(number: i32, calls: &Arc<AtomicUsize>) -> Self {
        let leaf = (number % 2 == 0).then(|| Arc::new(Leaf { number: number * 10, calls: calls.clone() }));
        Self { number, calls: calls.clone(), leaf }
    }

    fn count(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
    }
}

/// The reads that were noted.
type Noted = Arc<Mutex<Vec<(i32, String)>>>;

impl Owned for Tree {
    type Principal = Forester;

    fn is_owned_by(&self, caller: Option<&Forester>) -> bool {
        caller.is_some_and(|forester| forester.number == self.number)
    }

    fn note_read(&self, ctx: &Context<'_>, coordinates: &[String]) {
        let noted = ctx.data_unchecked::<Noted>();
        noted
            .lock()
            .expect("no test panics with the lock")
            .extend(coordinates.iter().map(|coordinate| (self.number, coordinate.clone())));
    }
}

#[guarded]
#[Object]
impl Tree {
    #[public]
    async fn id(&self) -> ID {
        self.count();
        self.number.into()
    }

    #[public]
    async fn number(&self) -> i32 {
        self.count();
        self.number
    }

    #[public]
    #[graphql(name = "called")]
    async fn common_name(&self) -> &str {
        self.count();
        if self.number == 0 { "oak \"English\"\n" } else { "spruce \u{1f332}" }
    }

    #[public]
    async fn kind(&self) -> Kind {
        if self.number % 2 == 0 { Kind::Broadleaf } else { Kind::Conifer }
    }

    #[public]
    fn height(&self) -> Option<Meters> {
        (self.number != 1).then_some(Meters(f64::from(self.number) + 0.5))
    }

    #[public]
    async fn heights(&self) -> Vec<Option<Meters>> {
        vec![self.__value_of_height(), None]
    }

    #[public]
    async fn planted_at(&self) -> Option<DateTime<Utc>> {
        self.count();
        if self.number == 2 {
            return None;
        }
        DateTime::from_timestamp_millis(1_700_000_000_123)
    }

    #[public]
    async fn ratio(&self) -> f32 {
        0.1
    }

    /// Its fields run one after the other.
    #[public]
    async fn steps(&self) -> Steps {
        self.count();
        Steps { done: AtomicUsize::new(0) }
    }

    #[requires(permission = READ, or_self)]
    async fn value(&self) -> Option<i32> {
        self.count();
        Some(self.number * 1000)
    }

    #[requires(permission = READ)]
    async fn secret(&self) -> Option<&str> {
        self.count();
        Some("hollow")
    }

    /// Can't be null, so a denial leaves no tree.
    #[requires(signed_in)]
    async fn required(&self) -> bool {
        self.count();
        true
    }

    #[public]
    async fn leaf(&self) -> Option<&Leaf> {
        self.count();
        self.leaf.as_deref()
    }

    #[public]
    async fn leaves(&self) -> Vec<Leaf> {
        self.count();
        (0..self.number).map(|number| Leaf { number, calls: self.calls.clone() }).collect()
    }

    #[public]
    async fn neighbor(&self, #[graphql(default = 1)] distance: i32) -> Tree {
        self.count();
        Tree::new(self.number + distance, &self.calls)
    }

    #[public]
    async fn late(&self) -> i32 {
        self.count();
        tokio::task::yield_now().await;
        self.number
    }

    #[public]
    async fn failing(&self) -> async_graphql::Result<Option<i32>> {
        self.count();
        if self.number == 1 { Err("not one".into()) } else { Ok(Some(self.number)) }
    }

    #[public]
    async fn failing_required(&self, ctx: &Context<'_>) -> async_graphql::Result<i32> {
        self.count();
        assert_eq!(ctx.field().name(), "failingRequired");
        tokio::task::yield_now().await;
        if self.number == 2 { Err("not two".into()) } else { Ok(self.number) }
    }

    #[public]
    async fn late_leaf(&self) -> Option<Leaf> {
        self.count();
        tokio::task::yield_now().await;
        self.leaf.as_deref().cloned()
    }

    #[requires(permission = READ, or_self)]
    async fn kin(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Vec<Tree>>> {
        self.count();
        assert_eq!(ctx.field().name(), "kin");
        tokio::task::yield_now().await;
        let kin = |distance| Tree::new(self.number + distance, &self.calls);
        match self.number {
            1 => Err("no kin of one".into()),
            3 => Ok(None),
            _ => Ok(Some([1, 2].map(kin).into())),
        }
    }

    #[requires(signed_in)]
    async fn parent(&self) -> async_graphql::Result<Tree> {
        self.count();
        tokio::task::yield_now().await;
        if self.number == 3 { Err("three is the first".into()) } else { Ok(Tree::new(self.number + 1, &self.calls)) }
    }

    #[public]
    fn checked(&self) -> Result<Leaf, async_graphql::Error> {
        self.count();
        if self.number == 4 { Err("not four".into()) } else { Ok(Leaf { number: 1, calls: self.calls.clone() }) }
    }

    #[public]
    async fn plant(&self) -> Plant {
        self.count();
        Plant::Tree(self.clone())
    }

    #[public]
    async fn found(&self) -> Found {
        self.count();
        match &self.leaf {
            Some(leaf) => Found::Leaf(Leaf::clone(leaf)),
            None => Found::Tree(self.clone()),
        }
    }
}

#[derive(Debug, Clone)]
struct Leaf {
    number: i32,
    calls: Arc<AtomicUsize>,
}

#[guarded(public)]
#[Object]
impl Leaf {
    async fn number(&self) -> i32 {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.number
    }

    async fn veins(&self) -> [i32; 2] {
        [self.number, self.number + 1]
    }

    async fn tree(&self) -> Tree {
        Tree::new(self.number % 3, &self.calls)
    }
}

/// A namespace as mutations have it.
struct Steps {
    done: AtomicUsize,
}

#[guarded(public)]
#[Object(serial)]
impl Steps {
    /// How many steps are done, after letting others run before it counts.
    async fn next(&self) -> usize {
        let before = self.done.load(Ordering::Relaxed);
        tokio::task::yield_now().await;
        self.done.store(before + 1, Ordering::Relaxed);
        before + 1
    }
}

#[derive(Interface)]
#[graphql(field(name = "number", ty = "i32"))]
enum Plant {
    Tree(Tree),
    Leaf(Leaf),
}

#[derive(Union)]
enum Found {
    Tree(Tree),
    Leaf(Leaf),
}

struct Query(Arc<AtomicUsize>);

#[guarded(public)]
#[Object]
impl Query {
    async fn tree(&self, #[graphql(default = 0)] number: i32) -> Option<Tree> {
        (number < 5).then(|| Tree::new(number, &self.0))
    }

    async fn trees(&self) -> Vec<Tree> {
        (0..4).map(|number| Tree::new(number, &self.0)).collect()
    }

    async fn late_trees(&self) -> async_graphql::Result<Vec<Option<Tree>>> {
        tokio::task::yield_now().await;
        Ok((0..4).map(|number| (number != 3).then(|| Tree::new(number, &self.0))).collect())
    }

    async fn plants(&self) -> Vec<Plant> {
        vec![Tree::new(1, &self.0).into(), Leaf { number: 3, calls: self.0.clone() }.into()]
    }
}

struct Forest {
    executor: Executor,
    calls: Arc<AtomicUsize>,
}

/// An answer, the calls it took and the reads it noted.
#[derive(Debug, PartialEq)]
struct Run {
    answer: String,
    calls: usize,
    noted: Vec<(i32, String)>,
}

impl Forest {
    fn new() -> Self {
        let calls = Arc::new(AtomicUsize::new(0));
        let schema = Schema::build(Query(calls.clone()), EmptyMutation, EmptySubscription);
        let schema = registry::complete(schema, &Conventions::PLAIN).register_output_type::<Plant>();
        Self { executor: Executor::new(schema, Settings::default()), calls }
    }

    async fn response(&self, request: Request, caller: Option<Forester>) -> Response {
        let caller = caller.map_or_else(Caller::default, Caller::from);
        self.executor.execute(request, RequestContext { caller, ..RequestContext::default() }).await.response
    }

    async fn run(&self, request: Request, caller: Option<Forester>) -> Run {
        let noted = Noted::default();
        self.calls.store(0, Ordering::Relaxed);
        let answer = encode(&self.response(request.data(noted.clone()), caller).await);
        let mut noted = std::mem::take(&mut *noted.lock().expect("no test panics with the lock"));
        noted.sort();
        noted.dedup();
        Run {
            answer: String::from_utf8(answer).expect("JSON is UTF-8"),
            calls: self.calls.load(Ordering::Relaxed),
            noted,
        }
    }

    /// Checks that the document has the same answer both ways, for every caller. Returns the answer to the last caller.
    async fn assert_same(&self, document: &str) -> String {
        let callers = [
            None,
            Some(Forester { number: 1, reads_all: false }),
            Some(Forester { number: 7, reads_all: false }),
            Some(Forester { number: 2, reads_all: true }),
        ];
        let mut last = String::new();
        for caller in callers {
            let expected = self.run(Request::new(document), caller).await;
            let found = self.run(written(Request::new(document)), caller).await;
            assert_eq!(found.answer, expected.answer, "{document} as {caller:?}");
            if expected.answer.contains("errors") {
                // An error that leaves an object null makes the fields beside it unnecessary. How many of them have run
                // is up to the executor.
                assert!(found.calls <= expected.calls, "{document} as {caller:?}");
                assert!(found.noted.iter().all(|read| expected.noted.contains(read)), "{document} as {caller:?}");
            } else {
                assert_eq!(found, expected, "{document} as {caller:?}");
            }
            last = found.answer;
        }
        last
    }
}

#[tokio::test]
async fn answers_equal_those_of_async_graphql() {
    let forest = Forest::new();
    let everything = "id number called kind height heights plantedAt value secret leaf { number veins } leaves { number } \
                      late failing plant { number ... on Tree { value } } found { __typename ... on Leaf { number } }";
    for document in [
        format!("{{ tree {{ {everything} }} trees {{ {everything} neighbor {{ {everything} }} }} }}"),
        "{ trees { required } }".to_owned(),
        "{ trees { failingRequired id } }".to_owned(),
        "{ lateTrees { failingRequired id } tree(number: 9) { id } }".to_owned(),
        "{ trees { kin { number kin { value parent { id } } } lateLeaf { veins tree { kin { id } } } } }".to_owned(),
        "{ trees { parent { parent { number failingRequired } } checked { tree { checked { number } } } } }".to_owned(),
        "{ trees { value } trees { secret leaves { number } leaves { veins } } }".to_owned(),
        "{ plants { __typename number ... on Tree { leaf { tree { value number } } } } }".to_owned(),
        "query ($no: Boolean = false) { trees { id @include(if: $no) number @skip(if: $no) } }".to_owned(),
        "{ trees { ...A ... { late } } } fragment A on Tree { b: called called ...B } fragment B on Plant { number }"
            .to_owned(),
        "{ trees { missing } }".to_owned(),
        "{ tree { neighbor { failingRequired } required } }".to_owned(),
        "{ tree { neighbor(distance: 2) { failingRequired } required } }".to_owned(),
        "{ tree { plant { ... on Tree { neighbor(distance: 2) { failingRequired } } } required } }".to_owned(),
    ] {
        forest.assert_same(&document).await;
    }
    let answer = forest.assert_same("{ tree { ratio steps { first: next second: next third: next } } }").await;
    let expected = r#"{"data":{"tree":{"ratio":0.10000000149011612,"steps":{"first":1,"second":2,"third":3}}}}"#;
    assert_eq!(answer, expected);
    let answer = forest.assert_same("{ tree(number: 2) { called plantedAt height value } }").await;
    let expected = r#"{"data":{"tree":{"called":"spruce 🌲","plantedAt":null,"height":2.5,"value":2000}}}"#;
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn generated_documents_have_equal_answers() {
    let forest = Forest::new();
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    for _ in 0..600 {
        let document = format!("{{ {} }}", random.selection("Query", 4));
        forest.assert_same(&document).await;
    }
}

/// An object whose fields are all at hand is written before the answer is.
#[tokio::test]
async fn fields_at_hand_are_not_resolved_one_by_one() {
    let forest = Forest::new();
    let admin = Some(Forester { number: 7, reads_all: true });
    let of_one = |at: &Response, root: &str| match &at.data {
        Value::Object(fields) => format!("{:?}", fields[root]),
        other => format!("{other:?}"),
    };
    for (document, expected) in [
        ("{ tree { id number called kind height heights plantedAt value secret required leaf { veins } } }", 1),
        ("{ tree { leaf { number } leaves { number } a: __typename } }", 1),
        ("{ tree { leaf { tree { number } } late } }", 1),
        ("{ tree(number: 2) { kin { id late lateLeaf { number } parent { kin { number } } } checked { number } } }", 1),
        ("{ tree(number: 2) { number late leaves { number tree { late leaves { tree { late } } } } } }", 1),
    ] {
        let request = || Request::new(document).data(Noted::default());
        let answer = of_one(&forest.response(written(request()), admin).await, "tree");
        assert_eq!(answer.matches("Binary").count(), expected, "{answer}");
        assert!(!answer.contains("Object"), "{answer}");
        let plain = of_one(&forest.response(request(), admin).await, "tree");
        assert!(plain.contains("Object") && !plain.contains("Binary"), "{plain}");
    }
}

/// A xorshift generator: the same documents in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits fit") % limit
    }

    /// Between one and five fields of the type. Fields with the same key may merge.
    fn selection(&mut self, ty: &str, depth: usize) -> String {
        let fields: &[(&str, &str)] = match ty {
            "Query" => &[
                ("tree", "Tree"),
                ("t2: tree(number: 2)", "Tree"),
                ("none: tree(number: 5)", "Tree"),
                ("trees", "Tree"),
                ("lateTrees", "Tree"),
                ("plants", "Plant"),
            ],
            "Tree" => &[
                ("id", ""),
                ("number", ""),
                ("n: number", ""),
                ("called", ""),
                ("kind", ""),
                ("height", ""),
                ("heights", ""),
                ("plantedAt", ""),
                ("value", ""),
                ("secret", ""),
                ("required", ""),
                ("late", ""),
                ("failing", ""),
                ("failingRequired", ""),
                ("__typename", ""),
                ("leaf", "Leaf"),
                ("leaves", "Leaf"),
                ("lateLeaf", "Leaf"),
                ("kin", "Tree"),
                ("parent", "Tree"),
                ("checked", "Leaf"),
                ("neighbor", "Tree"),
                ("far: neighbor(distance: 2)", "Tree"),
                ("plant", "Plant"),
                ("found", "Found"),
            ],
            "Leaf" => &[("number", ""), ("veins", ""), ("__typename", ""), ("tree", "Tree")],
            "Plant" => &[("number", ""), ("__typename", ""), ("... on Tree", "Tree"), ("... on Leaf", "Leaf")],
            _ => &[("__typename", ""), ("... on Tree", "Tree"), ("... on Leaf", "Leaf")],
        };
        let mut selected = String::new();
        for _ in 0..=self.below(4) {
            let (field, target) = fields[self.below(fields.len())];
            match (target, depth) {
                ("", _) => selected += field,
                (_, 0) => selected += "__typename",
                _ => selected.extend([field, " { ", &self.selection(target, depth - 1), " }"]),
            }
            selected.push(' ');
        }
        selected
    }
}
