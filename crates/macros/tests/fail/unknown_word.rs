use fieldguard_macros::guarded;

struct Query;

#[guarded]
#[Object]
impl Query {
    #[requires(admin)]
    async fn open(&self) -> Option<i32> {
        Some(1)
    }
}

fn main() {}
