//! The rules in the printed schema.

use async_graphql::SDLExportOptions;

use super::introspection::builder;

#[test]
fn printed_schema_contains_every_rule_and_describes_the_directives() {
    let sdl = builder().finish().sdl_with_options(SDLExportOptions::new().sorted_fields());
    let directives = "directive @auth(role: String, permission: String, orSelf: Boolean! = false, session: Boolean! = false, fresh: Boolean! = false, mfa: Boolean! = false) repeatable on OBJECT | FIELD_DEFINITION";
    for line in [
        directives,
        "directive @public on OBJECT | FIELD_DEFINITION",
        "type Ledger @auth(permission: \"books:read\") {",
        "type Book implements Item {",
        "type Events @auth {",
        "\ttitle: String! @public",
        "\tprice: Int @auth(permission: \"books:read\")",
        "\tborrower: Int @auth(role: \"librarian\", orSelf: true)",
        "\treading: Int @auth",
        "\tledger(filter: Filter): Ledger @auth(permission: \"books:read\")",
        "\tentries: [Entry!] @auth(permission: \"books:read\")",
        "\tlent: Int @auth(permission: \"books:read\") @auth(permission: \"books:lend\", orSelf: true)",
        "\tlent: Int! @auth",
        "\tsum: Int! @public",
    ] {
        assert!(sdl.lines().any(|printed| printed == line), "{line}\nis not in\n{sdl}");
    }
    assert!(sdl.contains("Open to everyone, signed in or not."), "{sdl}");
}

#[test]
fn interface_field_has_the_rule_of_its_strictest_implementer() {
    let sdl = builder().finish().sdl();
    let interface = sdl.split("interface Item {").nth(1).unwrap().split('}').next().unwrap();
    assert!(interface.contains("\ttitle: String! @public\n"), "{interface}");
    assert!(interface.contains("\tprice: Int @auth(permission: \"books:read\")\n"), "{interface}");
}
