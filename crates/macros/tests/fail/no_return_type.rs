use fieldguard_macros::guarded;

struct Query;

#[guarded]
#[Object]
impl Query {
    #[requires(signed_in)]
    async fn open(&self) {}
}

fn main() {}
