use async_graphql::Object;
use fieldguard::guarded;

struct Query;

#[guarded]
struct Other;

fn main() {}
