use async_graphql::Object;
use fieldguard::guarded;

struct Query;

#[guarded(admin)]
#[Object]
impl Query {
    async fn open(&self) -> i32 {
        1
    }
}

fn main() {}
