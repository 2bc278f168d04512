//! Blocks that do not compile, with their error messages. The cases use only the macro, so they build in seconds; type
//! errors are tested in `fieldguard_guard`.

#[test]
fn invalid_guarded_blocks_do_not_compile() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/fail/*.rs");
}
