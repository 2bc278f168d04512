use fieldguard_macros::guarded;

struct Query;

#[guarded(admin)]
#[Object]
impl Query {
    async fn open(&self) -> i32 {
        1
    }
}

fn main() {}
