use fieldguard_macros::guarded;

struct Query;

#[guarded]
impl Query {
    #[public]
    async fn open(&self) -> i32 {
        1
    }
}

fn main() {}
