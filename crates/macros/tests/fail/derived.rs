use fieldguard_macros::guarded;

struct Query;

#[guarded]
#[Object]
impl Query {
    #[public]
    #[graphql(derived(name = "other", into = "i64"))]
    async fn open(&self) -> i32 {
        1
    }
}

fn main() {}
