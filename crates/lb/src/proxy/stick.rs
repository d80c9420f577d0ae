//! Which group and target a request goes to, and the cookies by which it finds
//! them again.
//!
//! Source: "Sticky sessions" and "Forward actions" in the guide.

use std::sync::Arc;

use http::{HeaderMap, Request};
use hyper::body::Incoming;
use neargate_ids::Timestamp;

use super::exchange::Exchange;
use crate::config::Stickiness;
use crate::cookies;
use crate::front::connection::Connection;
use crate::table::Forward;
use crate::target::Lease;
use crate::target::choose::Group;

/// The target group, by cookie or weight.
pub fn choose_group(
    connection: &Connection,
    forward: &Forward,
    request: &Request<Incoming>,
    exchange: &mut Exchange,
) -> Option<Arc<Group>> {
    if let Some(duration) = forward.stickiness_secs
        && let Some(cookie) = cookies::find(request.headers(), cookies::GROUP)
    {
        let seal = connection.core.seal.load();
        match seal.open_group(cookie, duration, exchange.record.created_at) {
            Some(arn) => {
                let same = |(_, g): &&(u32, Arc<Group>)| *g.config.arn == *arn;
                if let Some((_, group)) = forward.groups.iter().find(same) {
                    return Some(group.clone());
                }
            }
            None => exchange.record.error_reason = Some("AWSALBTGCookieInvalid"),
        }
    }
    if let [(_, only)] = &*forward.groups {
        return Some(only.clone());
    }
    let total: u64 = forward.groups.iter().map(|(weight, _)| u64::from(*weight)).sum();
    let mut point = connection.rng.below(total);
    for (weight, group) in &forward.groups {
        match point.checked_sub(u64::from(*weight)) {
            Some(rest) => point = rest,
            None => return Some(group.clone()),
        }
    }
    None
}

/// A place at a target of the group, by cookie or algorithm; and whether by cookie.
pub fn choose_target(
    connection: &Connection,
    group: &Group,
    request: &Request<Incoming>,
    exchange: &mut Exchange,
) -> Option<(Lease, bool)> {
    let now = exchange.record.created_at;
    let sticky = match &group.config.stickiness {
        None => None,
        Some(Stickiness::LbCookie { duration_secs }) => {
            let value = cookies::find(request.headers(), cookies::LB)
                .or_else(|| cookies::find(request.headers(), cookies::LB_CORS));
            value.map(|value| (value, *duration_secs))
        }
        Some(Stickiness::AppCookie { name, duration_secs }) => {
            cookies::find(request.headers(), name)
                .and_then(|_| cookies::find(request.headers(), cookies::APP))
                .map(|value| (value, *duration_secs))
        }
    };
    if let Some((value, duration)) = sticky {
        let seal = connection.core.seal.load();
        let bound = seal.open_target(value, &group.config.arn, duration, now);
        if let Some(lease) = bound.and_then(|address| group.stick(address)) {
            return Some((lease, true));
        }
    }
    exchange.record.non_sticky = group.config.stickiness.is_some();
    Some((group.choose(&connection.rng, now)?, false))
}

/// Binds the client, for its next requests, to where this one went.
pub fn set_cookies(
    connection: &Connection,
    forward: &Forward,
    group: &Group,
    lease: &Lease,
    came_by_cookie: bool,
    now: Timestamp,
    headers: &mut HeaderMap,
) {
    if forward.stickiness_secs.is_none() && group.config.stickiness.is_none() {
        return;
    }
    let seal = connection.core.seal.load();
    let cors = cookies::cors_suffix(connection.tls.is_some());
    if forward.stickiness_secs.is_some()
        && let Some(value) = seal.group(&group.config.arn, now)
    {
        cookies::add(headers, cookies::GROUP, &value, now, "");
        cookies::add(headers, cookies::GROUP_CORS, &value, now, cors);
    }
    let bind = || seal.target(&group.config.arn, lease.target().address, now);
    match &group.config.stickiness {
        None => {}
        Some(Stickiness::LbCookie { .. }) => {
            if let Some(value) = bind() {
                cookies::add(headers, cookies::LB, &value, now, "");
                cookies::add(headers, cookies::LB_CORS, &value, now, cors);
            }
        }
        Some(Stickiness::AppCookie { name, .. }) => {
            if (came_by_cookie || cookies::sets(headers, name))
                && let Some(value) = bind()
            {
                cookies::add(headers, cookies::APP, &value, now, "");
            }
        }
    }
}
