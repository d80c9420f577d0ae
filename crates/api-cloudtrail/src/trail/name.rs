//! Names of trails. Source: "CloudTrail trail naming requirements". Pure.

use neargate_api::AwsError;
use neargate_api::types::cloudtrail::error::invalid_trail_name_exception as invalid;

pub fn check(name: &str) -> Result<(), AwsError> {
    let length = name.chars().count();
    let of_word = |c: char| c.is_ascii_alphanumeric();
    let marks = |c: char| matches!(c, '.' | '-' | '_');
    if length == 0 {
        return Err(invalid("Trail name cannot be blank!"));
    }
    if length < 3 {
        return Err(invalid(format!(
            "Trail name too short. Minimum allowed length: 3 characters. Specified name length: \
             {length} characters."
        )));
    }
    if length > 128 {
        return Err(invalid(format!(
            "Trail name too long. Maximum allowed length: 128 characters. Specified name length: \
             {length} characters."
        )));
    }
    if !name.starts_with(of_word) {
        return Err(invalid("Trail name must starts with a letter or number."));
    }
    if !name.ends_with(of_word) {
        return Err(invalid("Trail name must ends with a letter or number."));
    }
    if !name.chars().all(|c| of_word(c) || marks(c)) {
        return Err(invalid(
            "Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, \
             periods (.), hyphens (-), and underscores (_).",
        ));
    }
    let letters: Vec<char> = name.chars().collect();
    if letters.windows(2).any(|pair| marks(pair[0]) && marks(pair[1])) {
        return Err(invalid("Trail name can't have adjacent periods, hyphens or underscores."));
    }
    if name.parse::<std::net::Ipv4Addr>().is_ok() {
        return Err(invalid("Trail name must not be formatted as an IP address."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn names() {
        for good in ["abc", "dev-trail", "A.b_c-1"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in ["", "ab", "-abc", "abc-", "a b c", "a--b", "10.0.0.1"] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
