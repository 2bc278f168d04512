use fieldguard_macros::guarded;

#[guarded]
#[derive(Clone, SimpleObject)]
struct Receipt {
    #[public]
    number: u32,
    payer: Option<String>,
}

fn main() {}
