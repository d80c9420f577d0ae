//! What docs/apply-supported.md says is there, is there: UPDATE_EXPECT=1 writes it anew.

use expect_test::expect_file;
use neargate_aws_client::Surroundings;
use neargate_ids::{Clock, Rng, Timestamp};
use neargate_provider_aws::Aws;
use neargate_stack::address::Mode;
use neargate_stack::provider::Provider;

#[test]
fn the_page_lists_what_there_is() {
    let surroundings = Surroundings::of_this_process().expect("a home directory");
    let aws = Aws::new(surroundings, None, Rng::seeded(1), Clock::fixed(Timestamp::default()));
    let list = |mut names: Vec<String>| {
        names.sort();
        names.iter().map(|name| format!("- `{name}`\n")).collect::<String>()
    };
    let page = format!(
        "# What `neargate apply` supports\n\nWritten by a test from the code.\n\n\
         ## Resources\n\n{}\n## Data sources\n\n{}\n## Functions\n\n{}",
        list([aws.types(Mode::Managed), vec!["terraform_data".to_owned()]].concat()),
        list(aws.types(Mode::Data)),
        list(neargate_hcl::function_names().map(str::to_owned).collect()),
    );
    expect_file!["../../../docs/apply-supported.md"].assert_eq(&page);
}
