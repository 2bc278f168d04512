//! Pages of users: ordered by creation, in both directions, between any two positions.

use fieldguard::{
    domain::{
        page::{
            Direction::{self, Backward, Forward},
            Page, PageRequest,
        },
        user_list::{UserListing, UserPosition},
    },
    store::{Store, users},
};
use fieldguard_test_macros::on_each_database;
use uuid::Uuid;

use super::{add, each};

/// Stores a user for each letter. Returns their identifiers in order.
async fn fill(store: &Store, names: &str) -> Vec<Uuid> {
    let mut ids = Vec::new();
    for name in names.chars() {
        ids.push(add(store, &name.to_string(), &[]).await.id.uuid());
    }
    // Identifiers created within one millisecond are in random order. Pages follow the order of the identifiers.
    ids.sort_unstable();
    ids
}

/// A page as the indexes of its items in `all`, with `…` at the ends where more items exist.
async fn page(store: &Store, all: &[Uuid], size: u32, direction: Direction, bounds: [Option<Uuid>; 2]) -> String {
    let [after, before] = bounds.map(|bound| bound.map(UserPosition::Id));
    let request = PageRequest { size, direction, after, before };
    let Page { items, has_previous, has_next, beyond: _ } =
        users::list(store, &UserListing::default(), request).await.unwrap();
    let position = |user: &fieldguard::domain::user::User| all.binary_search(&user.id.uuid()).unwrap().to_string();
    let items: Vec<String> = items.iter().map(position).collect();
    let mark = |more| if more { "…" } else { "" };
    format!("{}{}{}", mark(has_previous), items.concat(), mark(has_next))
}

#[on_each_database]
async fn pages_are_listed_in_both_directions_between_cursors() {
    each(async |store| {
        let all = fill(store, "abcdef").await;
        let at = |position: usize| Some(all[position]);
        for (size, direction, bounds, expected) in [
            (2, Forward, [None, None], "01…"),
            (6, Forward, [None, None], "012345"),
            (9, Forward, [None, None], "012345"),
            (2, Forward, [at(1), None], "…23…"),
            (2, Forward, [at(3), None], "…45"),
            (2, Forward, [at(5), None], "…"),
            (2, Forward, [at(0), at(4)], "…12…"),
            (3, Forward, [at(0), at(4)], "…123…"),
            (9, Forward, [None, at(2)], "01…"),
            (9, Forward, [None, at(5)], "01234…"),
            (2, Forward, [at(4), at(1)], "……"),
            (2, Backward, [None, None], "…45"),
            (6, Backward, [None, None], "012345"),
            (2, Backward, [None, at(4)], "…23…"),
            (2, Backward, [None, at(2)], "01…"),
            (2, Backward, [None, at(0)], "…"),
            (2, Backward, [at(0), at(4)], "…23…"),
            (9, Backward, [at(2), None], "…345"),
            (0, Forward, [None, None], "…"),
        ] {
            let found = page(store, &all, size, direction, bounds).await;
            assert_eq!(found, expected, "{size} {direction:?} {bounds:?}");
        }
    })
    .await;
}

#[on_each_database]
async fn pages_continue_from_a_deleted_user() {
    each(async |store| {
        let all = fill(store, "abcd").await;
        let tx = store.write().await.unwrap();
        users::delete(&tx, all[0].into()).await.unwrap();
        users::delete(&tx, all[2].into()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(page(store, &all, 2, Forward, [Some(all[2]), None]).await, "…3");
        assert_eq!(page(store, &all, 2, Forward, [Some(all[0]), None]).await, "13", "no item is left before the page");
        assert_eq!(page(store, &all, 2, Backward, [None, Some(all[2])]).await, "1…");
    })
    .await;
}

#[on_each_database]
async fn pages_of_an_empty_list_are_empty() {
    each(async |store| {
        assert_eq!(page(store, &[], 2, Forward, [None, None]).await, "");
        assert_eq!(page(store, &[], 2, Backward, [Some(Uuid::from_u128(1)), None]).await, "");
    })
    .await;
}

#[on_each_database]
async fn pages_contain_complete_users() {
    each(async |store| {
        let ada = add(store, "Ada \"ሴ\" \\ 😀", &[]).await;
        let request = PageRequest { size: 5, direction: Forward, after: None, before: None };
        assert_eq!(users::list(store, &UserListing::default(), request).await.unwrap().items, [ada]);
    })
    .await;
}
