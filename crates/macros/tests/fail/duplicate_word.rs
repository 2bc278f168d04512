use fieldguard_macros::guarded;

struct Query;

#[guarded]
#[Object]
impl Query {
    #[requires(role = "a", role = "b")]
    async fn open(&self) -> Option<i32> {
        Some(1)
    }
}

fn main() {}
