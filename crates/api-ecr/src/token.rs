//! Authorization tokens: what `docker login` sends back as its password.
//!
//! A token is the caller, the region and the end of its twelve hours, sealed
//! with this Neargate's key (HMAC-SHA256), so that nothing is kept of it and it
//! holds over a restart. What its holder may do is asked of IAM at each request,
//! not when it was made.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use neargate_api::model::ecr::TokenKey;
use neargate_api::types::ecr::{
    AuthorizationData, GetAuthorizationTokenRequest, GetAuthorizationTokenResponse, error,
};
use neargate_api::{AwsError, Caller, Ctx, Snapshot, Store, Timestamp};
use neargate_registry::Credentials;
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};

use crate::address::registry_host;

/// How long a token is good for.
const LIFETIME_SECS: i64 = 12 * 3600;

/// What a download URL calls the token in it.
const IN_URL: &str = "X-Neargate-Token=";

/// Who holds a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    pub caller: Caller,
    pub region: String,
}

/// Why a password is no token of ours, or no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadToken {
    Invalid,
    Expired,
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    region: String,
    expires_at: Timestamp,
    /// Nothing: the operator.
    role: Option<Role>,
}

#[derive(Serialize, Deserialize)]
struct Role {
    role_name: String,
    role_id: String,
    session_name: String,
    session_policies: Vec<String>,
}

/// GetAuthorizationToken.
pub async fn get(
    ctx: Ctx,
    input: GetAuthorizationTokenRequest,
) -> Result<GetAuthorizationTokenResponse, AwsError> {
    let others = input.registry_ids.unwrap_or_default();
    if let Some(other) = others.iter().find(|id| *id != ctx.account()) {
        return Err(error::invalid_parameter_exception(format!(
            "Invalid parameter at 'registryIds' failed to satisfy constraint: 'this Neargate has the registry {} only, not {other}'",
            ctx.account()
        )));
    }
    ensure_key(&ctx.cloud.store).await?;
    // Clients keep it by the machine's time, which nobody moves.
    let expires_at = ctx.cloud.clock.wall().plus_secs(LIFETIME_SECS);
    let password = seal(&ctx, expires_at)?;
    Ok(GetAuthorizationTokenResponse {
        authorization_data: Some(vec![AuthorizationData {
            authorization_token: Some(STANDARD.encode(format!("AWS:{password}"))),
            expires_at: Some(expires_at),
            proxy_endpoint: Some(format!("http://{}", registry_host(ctx.cloud.port))),
        }]),
    })
}

/// Makes this Neargate's key, if it has none yet.
pub async fn ensure_key(store: &Store) -> Result<(), AwsError> {
    if store.snapshot().contains::<TokenKey>(TokenKey::KEY) {
        return Ok(());
    }
    let mut bytes = [0; 32];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| error::server_exception("The machine gives no randomness for a key."))?;
    let made = TokenKey { hex: hex::encode(bytes) };
    let stored = store.write(move |tx| {
        if !tx.contains::<TokenKey>(TokenKey::KEY) {
            tx.put(made);
        }
        Ok::<_, neargate_api::StoreError>(())
    });
    stored.await.map_err(|e| error::server_exception(format!("The key could not be stored: {e}")))
}

/// A token of the caller of `ctx`. [`ensure_key`] must have been called.
pub fn seal(ctx: &Ctx, expires_at: Timestamp) -> Result<String, AwsError> {
    let role = match &ctx.caller {
        Caller::Operator => None,
        Caller::Role { role_name, role_id, session_name, session_policies } => Some(Role {
            role_name: role_name.clone(),
            role_id: role_id.clone(),
            session_name: session_name.clone(),
            session_policies: session_policies.clone(),
        }),
    };
    let sealed = Sealed { region: ctx.region.clone(), expires_at, role };
    let payload = serde_json::to_vec(&sealed).expect("strings and a number have a JSON form");
    let key = key(&ctx.snapshot())
        .ok_or_else(|| error::server_exception("The key of the registry's tokens is not there."))?;
    let tag = hmac::sign(&key, &payload);
    Ok(format!("{}.{}", URL_SAFE_NO_PAD.encode(&payload), URL_SAFE_NO_PAD.encode(tag)))
}

/// Who holds the token that came as a password.
pub fn open(
    snapshot: &Snapshot,
    credentials: &Credentials,
    now: Timestamp,
) -> Result<Holder, BadToken> {
    if credentials.username != "AWS" {
        return Err(BadToken::Invalid);
    }
    let (payload, tag) = credentials.password.split_once('.').ok_or(BadToken::Invalid)?;
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| BadToken::Invalid);
    let (payload, tag) = (decode(payload)?, decode(tag)?);
    let key = key(snapshot).ok_or(BadToken::Invalid)?;
    hmac::verify(&key, &payload, &tag).map_err(|_| BadToken::Invalid)?;
    let sealed: Sealed = serde_json::from_slice(&payload).map_err(|_| BadToken::Invalid)?;
    if sealed.expires_at <= now {
        return Err(BadToken::Expired);
    }
    let caller = match sealed.role {
        None => Caller::Operator,
        Some(Role { role_name, role_id, session_name, session_policies }) => {
            Caller::Role { role_name, role_id, session_name, session_policies }
        }
    };
    Ok(Holder { caller, region: sealed.region })
}

/// The query of a URL that may be fetched without a header, as S3's presigned ones are.
pub fn url_query(token: &str) -> String {
    format!("{IN_URL}{token}")
}

/// The `Authorization` that stands in a URL's query, if one does.
pub fn credentials_of_url(query: &str) -> Option<String> {
    let token = query.split('&').find_map(|pair| pair.strip_prefix(IN_URL))?;
    Some(format!("Basic {}", STANDARD.encode(format!("AWS:{token}"))))
}

fn key(snapshot: &Snapshot) -> Option<hmac::Key> {
    let stored = snapshot.get::<TokenKey>(TokenKey::KEY)?;
    Some(hmac::Key::new(hmac::HMAC_SHA256, &hex::decode(&stored.hex).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials(password: &str) -> Credentials {
        Credentials { username: "AWS".into(), password: password.into() }
    }

    #[tokio::test]
    async fn a_token_is_its_makers_until_it_ends() {
        let role = Caller::Role {
            role_name: "execution".into(),
            role_id: "AROA".into(),
            session_name: "task".into(),
            session_policies: vec!["{}".into()],
        };
        let ctx = Ctx { caller: role.clone(), ..neargate_testkit::ctx() };
        ensure_key(&ctx.cloud.store).await.unwrap();
        let token = seal(&ctx, ctx.now.plus_secs(10)).unwrap();
        let holder = Holder { caller: role, region: "us-west-2".into() };
        let opened = |token: &str, after| {
            open(&ctx.snapshot(), &credentials(token), ctx.now.plus_secs(after))
        };
        assert_eq!(opened(&token, 9), Ok(holder));
        assert_eq!(opened(&token, 10), Err(BadToken::Expired));
        let (payload, tag) = token.split_once('.').unwrap();
        let mut other = URL_SAFE_NO_PAD.decode(payload).unwrap();
        other[3] ^= 1;
        let forged = format!("{}.{tag}", URL_SAFE_NO_PAD.encode(other));
        assert_eq!(opened(&forged, 0), Err(BadToken::Invalid));
        assert_eq!(opened("", 0), Err(BadToken::Invalid));
    }
}
