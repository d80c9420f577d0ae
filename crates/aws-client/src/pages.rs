//! All pages of a list.

use crate::error::CallError;

/// Asks for page after page, each with the token that the one before gave, and gives all items.
/// A service that gives the same token twice has no more pages.
///
/// ```ignore
/// let vpcs = pages(|token| async {
///     let page = client.call::<ec2::DescribeVpcs>(&asked(token)).await?;
///     Ok((page.vpcs.unwrap_or_default(), page.next_token))
/// }).await?;
/// ```
///
/// # Errors
/// That of the first page that fails.
pub async fn pages<T, F>(mut ask: impl FnMut(Option<String>) -> F) -> Result<Vec<T>, CallError>
where
    F: Future<Output = Result<(Vec<T>, Option<String>), CallError>>,
{
    let mut all = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let (items, next) = ask(token.clone()).await?;
        all.extend(items);
        let next = next.filter(|next| !next.is_empty());
        if next.is_none() || next == token {
            return Ok(all);
        }
        token = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_page_is_asked_for_once() {
        let all = pages(|token| async move {
            let page = token.map_or(0, |token| token.parse::<u32>().unwrap());
            Ok((vec![page * 2, page * 2 + 1], (page < 2).then(|| (page + 1).to_string())))
        });
        assert_eq!(all.await.unwrap(), [0, 1, 2, 3, 4, 5]);
        let stuck = pages(|_| async { Ok((vec![1], Some("same".to_owned()))) });
        assert_eq!(stuck.await.unwrap(), [1, 1]);
    }
}
