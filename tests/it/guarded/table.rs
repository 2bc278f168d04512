//! The access table of an adopter's schema, as text, JSON and CSV.

use fieldguard::guard::{access::Table, caller::Caller, registry};
use serde_json::{Value, json};

use super::{BOOKS_READ, introspection::builder, principal_with, reader};

fn table() -> Table {
    let roles: Vec<(String, Caller)> = vec![
        ("anonymous".to_owned(), Caller::default()),
        ("user".to_owned(), reader().into()),
        ("clerk".to_owned(), principal_with(&["clerk"], &[BOOKS_READ]).into()),
    ];
    Table::new(&registry::inspect(builder(), registry::rows).1, &roles)
}

#[test]
fn access_table_is_printed_as_text() {
    let expected = "\
coordinate      rule                                                                           anonymous  user     clerk
Book.borrower   @auth(role: \"librarian\", orSelf: true)                                         SELF       SELF     SELF
Book.price      @auth(permission: \"books:read\")                                                DENIED     DENIED   ALLOWED
Book.title      @public                                                                        ALLOWED    ALLOWED  ALLOWED
Entry.sum       @public                                                                        ALLOWED    ALLOWED  ALLOWED
Events.lent     @auth                                                                          DENIED     ALLOWED  ALLOWED
Item.price      @auth(permission: \"books:read\")                                                DENIED     DENIED   ALLOWED
Item.title      @public                                                                        ALLOWED    ALLOWED  ALLOWED
Ledger.entries  @auth(permission: \"books:read\")                                                DENIED     DENIED   ALLOWED
Ledger.lent     @auth(permission: \"books:read\") @auth(permission: \"books:lend\", orSelf: true)  DENIED     DENIED   SELF
Print.price     @auth                                                                          DENIED     ALLOWED  ALLOWED
Print.title     @public                                                                        ALLOWED    ALLOWED  ALLOWED
Query.book      @public                                                                        ALLOWED    ALLOWED  ALLOWED
Query.item      @public                                                                        ALLOWED    ALLOWED  ALLOWED
Query.ledger    @auth(permission: \"books:read\")                                                DENIED     DENIED   ALLOWED
Query.reading   @auth                                                                          DENIED     ALLOWED  ALLOWED
";
    assert_eq!(table().to_string(), expected);
}

#[test]
fn access_table_is_printed_as_json_and_csv() {
    let json: Value = serde_json::from_str(&table().json()).unwrap();
    assert_eq!(
        json[0],
        json!({
            "coordinate": "Book.borrower",
            "rule": "@auth(role: \"librarian\", orSelf: true)",
            "access": {"anonymous": "SELF", "user": "SELF", "clerk": "SELF"},
        })
    );
    let csv = table().csv();
    let lines: Vec<_> = csv.lines().take(3).collect();
    assert_eq!(
        lines,
        [
            "coordinate,rule,anonymous,user,clerk",
            "Book.borrower,\"@auth(role: \"\"librarian\"\", orSelf: true)\",SELF,SELF,SELF",
            "Book.price,\"@auth(permission: \"\"books:read\"\")\",DENIED,DENIED,ALLOWED",
        ]
    );
}
