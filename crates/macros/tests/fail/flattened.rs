use fieldguard_macros::guarded;

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

fn main() {}
