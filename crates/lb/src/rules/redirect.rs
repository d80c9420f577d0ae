//! The URL that a redirect action sends the client to.
//!
//! AWS always spells the port, keeps `#{path}` without its leading slash, and
//! leaves the `?` out when the query turns out empty.

use crate::config::Redirect;

/// The request's own parts.
pub struct Origin<'a> {
    pub protocol: &'a str,
    /// Without its port.
    pub host: &'a str,
    pub port: u16,
    pub path: &'a str,
    pub query: &'a str,
}

/// The `Location` of the answer.
pub fn location(redirect: &Redirect, origin: &Origin<'_>) -> String {
    let fill = |template: &str| fill(template, origin);
    let protocol = fill(&redirect.protocol).to_ascii_lowercase();
    let (host, port) = (fill(&redirect.host), fill(&redirect.port));
    let (path, query) = (fill(&redirect.path), fill(&redirect.query));
    let mut url = format!("{protocol}://{host}:{port}");
    if !path.starts_with('/') {
        url.push('/');
    }
    url.push_str(&path);
    if !query.is_empty() {
        url.push('?');
        url.push_str(&query);
    }
    url
}

fn fill(template: &str, origin: &Origin<'_>) -> String {
    let mut out = String::with_capacity(template.len() + origin.path.len());
    let mut rest = template;
    while let Some(start) = rest.find("#{") {
        out.push_str(&rest[..start]);
        let tail = &rest[start..];
        let Some(end) = tail.find('}') else {
            rest = tail;
            break;
        };
        match &tail[2..end] {
            "protocol" => out.push_str(origin.protocol),
            "host" => out.push_str(origin.host),
            "port" => out.push_str(&origin.port.to_string()),
            "path" => out.push_str(origin.path.strip_prefix('/').unwrap_or(origin.path)),
            "query" => out.push_str(origin.query),
            _ => out.push_str(&tail[..=end]),
        }
        rest = &tail[end + 1..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(parts: [&str; 5], path: &str, query: &str, expected: Expect) {
        let [protocol, host, port, to_path, to_query] = parts.map(str::to_owned);
        let redirect =
            Redirect { protocol, host, port, path: to_path, query: to_query, permanent: true };
        let origin = Origin { protocol: "http", host: "shop.example", port: 80, path, query };
        expected.assert_eq(&location(&redirect, &origin));
    }

    #[test]
    fn locations() {
        let to_https = ["HTTPS", "#{host}", "443", "/#{path}", "#{query}"];
        check(to_https, "/a/b", "c=d", expect!["https://shop.example:443/a/b?c=d"]);
        check(to_https, "/", "", expect!["https://shop.example:443/"]);
        check(
            ["#{protocol}", "new.example", "#{port}", "/old/#{path}", "#{query}&from=#{host}"],
            "/x",
            "y",
            expect!["http://new.example:80/old/x?y&from=shop.example"],
        );
        check(
            ["#{protocol}", "h", "1", "/#{nonsense}/#{", ""],
            "/x",
            "",
            expect!["http://h:1/#{nonsense}/#{"],
        );
    }
}
