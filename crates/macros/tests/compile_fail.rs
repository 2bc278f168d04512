//! What does not compile, and the words it fails with: the messages say what to write instead. The cases know the macro
//! alone, so that they build in seconds; what fails by types is told where the types are, in `fieldguard_guard`.

#[test]
fn a_block_that_cannot_be_guarded_does_not_compile() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/fail/*.rs");
}
