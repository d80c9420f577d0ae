//! GetRandomPassword: from the machine's entropy, each character as likely as the others.

use neargate_api::types::secretsmanager::{
    GetRandomPasswordRequest, GetRandomPasswordResponse, error,
};
use neargate_api::{AwsError, Ctx, Vault};

const DEFAULT_LENGTH: i64 = 32;
const LOWERCASE: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPERCASE: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const NUMBERS: &str = "0123456789";
const PUNCTUATION: &str = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

pub async fn call(
    ctx: Ctx,
    input: GetRandomPasswordRequest,
) -> Result<GetRandomPasswordResponse, AwsError> {
    let length = input.password_length.unwrap_or(DEFAULT_LENGTH) as usize;
    let kinds = kinds(&input);
    let each = input.require_each_included_type != Some(false);
    let all: Vec<char> = kinds.iter().flatten().copied().collect();
    if all.is_empty() {
        return Err(error::invalid_parameter_exception(
            "No characters are left for the password: exclude fewer of them.",
        ));
    }
    if each && kinds.len() > length {
        return Err(error::invalid_parameter_exception(format!(
            "Password length {length} is too short based on the required types."
        )));
    }
    let required: &[Vec<char>] = if each { &kinds } else { &[] };
    Ok(GetRandomPasswordResponse {
        random_password: Some(draw(ctx.vault(), &all, required, length)),
    })
}

/// The characters of each type that is included; the space, where it is, is a type too.
fn kinds(input: &GetRandomPasswordRequest) -> Vec<Vec<char>> {
    let excluded = input.exclude_characters.as_deref().unwrap_or_default();
    let types = [
        (input.exclude_lowercase, LOWERCASE),
        (input.exclude_uppercase, UPPERCASE),
        (input.exclude_numbers, NUMBERS),
        (input.exclude_punctuation, PUNCTUATION),
        (Some(input.include_space != Some(true)), " "),
    ];
    types
        .into_iter()
        .filter(|(exclude, _)| *exclude != Some(true))
        .map(|(_, letters)| letters.chars().filter(|c| !excluded.contains(*c)).collect())
        .filter(|letters: &Vec<char>| !letters.is_empty())
        .collect()
}

/// One of each required type, the rest from all, then shuffled so that no place is given away.
fn draw(vault: &Vault, all: &[char], required: &[Vec<char>], length: usize) -> String {
    let pick = |letters: &[char]| letters[vault.below(letters.len() as u32) as usize];
    let mut password: Vec<char> = required.iter().map(|letters| pick(letters)).collect();
    password.extend((password.len()..length).map(|_| pick(all)));
    for place in (1..password.len()).rev() {
        password.swap(place, vault.below(place as u32 + 1) as usize);
    }
    password.into_iter().collect()
}
