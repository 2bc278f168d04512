use async_graphql::Object;
use fieldguard::guarded;

struct Query;

#[guarded(public)]
#[Object(guard = "other()")]
impl Query {
    async fn open(&self) -> i32 {
        1
    }
}

fn main() {}
