use async_graphql::Object;
use fieldguard::guarded;

struct Query;

#[guarded(signed_in)]
#[Object]
impl Query {
    async fn open(&self) -> Option<i32> {
        Some(1)
    }

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
