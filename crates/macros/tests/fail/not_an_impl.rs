use fieldguard_macros::guarded;

struct Query;

#[guarded]
struct Other;

fn main() {}
