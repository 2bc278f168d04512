use fieldguard_macros::guarded;

struct Query;

#[guarded(public)]
#[Object(guard = "other()")]
impl Query {
    async fn open(&self) -> i32 {
        1
    }
}

fn main() {}
