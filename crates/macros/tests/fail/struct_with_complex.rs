use fieldguard_macros::guarded;

#[guarded(public)]
#[derive(SimpleObject)]
#[graphql(complex)]
struct Receipt {
    number: u32,
}

fn main() {}
