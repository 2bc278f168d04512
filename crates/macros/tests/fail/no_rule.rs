use fieldguard_macros::guarded;

struct Query;

#[guarded]
#[Object]
impl Query {
    async fn open(&self) -> Option<i32> {
        Some(1)
    }

    #[public]
    async fn other(&self) -> i32 {
        1
    }

    async fn second(&self) -> i32 {
        1
    }
}

fn main() {}
