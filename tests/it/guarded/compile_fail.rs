//! What does not compile, and the words it fails with: the messages say what to write instead.

#[test]
fn a_block_that_cannot_be_guarded_does_not_compile() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/it/guarded/fail/*.rs");
}
