use async_graphql::Object;
use fieldguard::guarded;

struct Query;

#[guarded]
impl Query {
    #[public]
    async fn open(&self) -> i32 {
        1
    }
}

fn main() {}
