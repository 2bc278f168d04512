use fieldguard_macros::guarded;

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

fn main() {}
