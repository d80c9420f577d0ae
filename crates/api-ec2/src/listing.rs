//! What every describe call does with the shapes of all resources of its type:
//! the ids asked for, the filters, and one page of the rest.

use neargate_api::types::ec2::{Filter, Tag};
use neargate_api::{AwsError, Page, page};

use crate::error;
use crate::filter::{Field, Filters};

/// How the shapes of one type are listed.
pub struct Listing<T: 'static> {
    pub fields: &'static [Field<T>],
    pub id: fn(&T) -> &Option<String>,
    pub tags: fn(&T) -> &Option<Vec<Tag>>,
    pub not_found: fn(&str) -> AwsError,
}

/// What a describe request asks for.
#[derive(Default)]
pub struct Asked {
    pub ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i32>,
    pub next_token: Option<String>,
}

impl<T: Clone + 'static> Listing<T> {
    /// Those of `all` that were asked for, in the order of their ids.
    pub fn page(
        &self,
        all: impl IntoIterator<Item = T>,
        asked: Asked,
    ) -> Result<Page<T>, AwsError> {
        let filters = Filters::parse(asked.filters, self.fields)?;
        let ids = asked.ids.unwrap_or_default();
        let id = |item: &T| (self.id)(item).clone().unwrap_or_default();
        let mut items: Vec<T> = all.into_iter().collect();
        if let Some(absent) = ids.iter().find(|wanted| !items.iter().any(|i| id(i) == **wanted)) {
            return Err((self.not_found)(absent));
        }
        items.retain(|item| ids.is_empty() || ids.contains(&id(item)));
        items.retain(|item| filters.pass(item, (self.tags)(item).as_deref().unwrap_or_default()));
        items.sort_by_key(&id);
        let limit = match asked.max_results {
            Some(limit) if !ids.is_empty() => {
                return Err(error::combination(format!(
                    "The parameter MaxResults ({limit}) cannot be used together with a list of ids"
                )));
            }
            Some(limit) => usize::try_from(limit).unwrap_or(usize::MAX),
            None => usize::MAX,
        };
        let cut = page(items, id, asked.next_token.as_deref(), limit);
        cut.ok_or_else(|| {
            error::of("InvalidNextToken", "The specified NextToken value is not valid.")
        })
    }
}
