//! `PageInfo`: where a page stands in its list, as Relay's cursor connections have it.

use async_graphql::Object;
use fieldguard_guard::guarded;

/// Where a page stands in its list.
pub struct PageInfo {
    pub(super) has_next: bool,
    pub(super) has_previous: bool,
    pub(super) start: Option<String>,
    pub(super) end: Option<String>,
}

/// Where a page stands in its list.
#[guarded(public)]
#[Object]
impl PageInfo {
    /// Are there items after this page?
    async fn has_next_page(&self) -> bool {
        self.has_next
    }

    /// Are there items before this page?
    async fn has_previous_page(&self) -> bool {
        self.has_previous
    }

    /// The cursor of the first item; null on an empty page.
    async fn start_cursor(&self) -> Option<&str> {
        self.start.as_deref()
    }

    /// The cursor of the last item; null on an empty page.
    async fn end_cursor(&self) -> Option<&str> {
        self.end.as_deref()
    }
}
