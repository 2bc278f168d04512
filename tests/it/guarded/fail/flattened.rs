use async_graphql::Object;
use fieldguard::guarded;

struct Query;

#[guarded]
#[Object]
impl Query {
    #[public]
    async fn open(&self) -> i32 {
        1
    }

    #[requires(signed_in)]
    #[graphql(flatten)]
    async fn inner(&self) -> Inner {
        Inner
    }
}

struct Inner;

#[guarded(public)]
#[Object]
impl Inner {
    async fn other(&self) -> i32 {
        1
    }
}

fn main() {}
