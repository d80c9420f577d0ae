//! Which metric has which sets of dimensions, and when it is told. Pure.

use std::collections::BTreeMap;

use neargate_balancers::Counts;
use neargate_series::{Metric, StatisticSet, Unit};

use super::Minute;
use super::capacity::Load;
use crate::told::Told;

const NAMESPACE: &str = "AWS/ApplicationELB";

/// Dimensions that a metric is told by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    /// The load balancer, and each of its zones.
    Balancer,
    /// Also the target group, and the target group in each zone.
    Group,
}

/// What is counted, and is told when it is not zero: name, dimensions, and how many.
type Counted = (&'static str, By, fn(&Counts) -> u64);

const COUNTED: [Counted; 20] = [
    ("ClientTLSNegotiationErrorCount", By::Balancer, |c| c.client_tls_errors),
    ("DesyncMitigationMode_NonCompliant_Request_Count", By::Balancer, |c| c.not_compliant),
    ("HTTPCode_ELB_3XX_Count", By::Balancer, |c| own(c, 300..400)),
    ("HTTPCode_ELB_4XX_Count", By::Balancer, |c| own(c, 400..500)),
    ("HTTPCode_ELB_5XX_Count", By::Balancer, |c| own(c, 500..600)),
    ("HTTPCode_ELB_500_Count", By::Balancer, |c| own(c, 500..501)),
    ("HTTPCode_ELB_502_Count", By::Balancer, |c| own(c, 502..503)),
    ("HTTPCode_ELB_503_Count", By::Balancer, |c| own(c, 503..504)),
    ("HTTPCode_ELB_504_Count", By::Balancer, |c| own(c, 504..505)),
    ("HTTPCode_Target_2XX_Count", By::Group, |c| c.target_statuses[2]),
    ("HTTPCode_Target_3XX_Count", By::Group, |c| c.target_statuses[3]),
    ("HTTPCode_Target_4XX_Count", By::Group, |c| c.target_statuses[4]),
    ("HTTPCode_Target_5XX_Count", By::Group, |c| c.target_statuses[5]),
    ("HTTP_Fixed_Response_Count", By::Balancer, |c| c.fixed_responses),
    ("HTTP_Redirect_Count", By::Balancer, |c| c.redirects),
    ("HTTP_Redirect_Url_Limit_Exceeded_Count", By::Balancer, |c| c.redirects_too_long),
    ("IPv6RequestCount", By::Group, |c| c.ipv6_requests),
    ("TargetConnectionErrorCount", By::Group, |c| c.target_connection_errors),
    ("TargetTLSNegotiationErrorCount", By::Group, |c| c.target_tls_errors),
    ("UnhealthyRoutingRequestCount", By::Group, |c| c.routed_to_unhealthy),
];

fn own(counts: &Counts, statuses: std::ops::Range<u16>) -> u64 {
    counts.own_statuses.range(statuses).map(|(_, count)| count).sum()
}

/// A target group and a zone, where they are dimensions.
type Cut<'a> = (Option<&'a str>, Option<&'a str>);

impl Minute {
    /// Tells all of it.
    pub fn tell(&self, told: &mut Told) {
        for ((group, zone), counts) in &self.counts {
            self.counted(group.as_deref(), zone, counts, told);
        }
        self.always(told);
        self.whole(told);
        for group in &self.groups {
            self.hosts(group, told);
            self.per_target(group, told);
        }
    }

    fn metric(&self, name: &str, (group, zone): Cut<'_>) -> Metric {
        self.metric_of(name, Some(&self.id), (group, zone))
    }

    fn metric_of(&self, name: &str, balancer: Option<&str>, (group, zone): Cut<'_>) -> Metric {
        let dimensions = [
            balancer.map(|id| ("LoadBalancer", id)),
            group.map(|group| ("TargetGroup", group)),
            zone.map(|zone| ("AvailabilityZone", zone)),
        ];
        Metric::new(&self.region, NAMESPACE, name, dimensions.into_iter().flatten())
    }

    /// What happened in one zone, with one target group or none.
    fn counted(&self, group: Option<&str>, zone: &str, counts: &Counts, told: &mut Told) {
        let mut tell = |name: &str, by: By, unit, values: &StatisticSet| {
            for cut in cuts(by, group, zone) {
                told.count(self.metric(name, cut), unit, values.clone());
            }
        };
        for (name, by, count) in COUNTED {
            if let Some(values) = ones(count(counts)) {
                tell(name, by, Unit::COUNT, &values);
            }
        }
        if let Some(times) = &counts.response_times {
            tell("TargetResponseTime", By::Group, Unit::SECONDS, times);
        }
        let sums = [
            ("IPv6ProcessedBytes", Unit::BYTES, counts.ipv6_bytes),
            ("NewConnectionCount", Unit::COUNT, counts.connections),
            ("ProcessedBytes", Unit::BYTES, counts.bytes),
        ];
        for (name, unit, sum) in sums.into_iter().filter(|(.., sum)| *sum > 0) {
            tell(name, By::Balancer, unit, &StatisticSet::of(sum as f64));
        }
        if let Some(values) = ones(counts.grpc_requests) {
            self.grpc(group, zone, &values, told);
        }
    }

    /// By zone only together with the target group, and by the target group alone.
    fn grpc(&self, group: Option<&str>, zone: &str, values: &StatisticSet, told: &mut Told) {
        let mut tell = |balancer, cut| {
            let metric = self.metric_of("GrpcRequestCount", balancer, cut);
            told.count(metric, Unit::COUNT, values.clone());
        };
        tell(Some(self.id.as_str()), (None, None));
        if group.is_some() {
            for balancer in [Some(self.id.as_str()), None] {
                tell(balancer, (group, None));
                tell(balancer, (group, Some(zone)));
            }
        }
    }

    /// What AWS always reports, be it zero.
    fn always(&self, told: &mut Told) {
        let is_sticky = self.groups.iter().any(|group| group.is_sticky);
        let groups: Vec<&str> = self.groups.iter().map(|group| group.id.as_str()).collect();
        let always: [(Counted, bool); 4] = [
            (("RequestCount", By::Group, |c| c.requests), true),
            (
                ("DroppedInvalidHeaderRequestCount", By::Balancer, |c| c.invalid_headers_dropped),
                true,
            ),
            (
                ("ForwardedInvalidHeaderRequestCount", By::Balancer, |c| {
                    c.invalid_headers_forwarded
                }),
                true,
            ),
            (("NonStickyRequestCount", By::Balancer, |c| c.non_sticky), is_sticky),
        ];
        for ((name, by, count), _) in always.into_iter().filter(|(_, is_told)| *is_told) {
            let mut sums: BTreeMap<Metric, u64> = BTreeMap::new();
            let none = if by == By::Group { groups.as_slice() } else { &[] };
            for zone in &self.zones {
                for group in none.iter().copied().map(Some).chain([None]) {
                    for cut in cuts(by, group, zone) {
                        sums.entry(self.metric(name, cut)).or_default();
                    }
                }
            }
            for ((group, zone), counts) in &self.counts {
                for cut in cuts(by, group.as_deref(), zone) {
                    *sums.entry(self.metric(name, cut)).or_default() += count(counts);
                }
            }
            for (metric, sum) in sums {
                told.count_always(metric, Unit::COUNT, ones(sum));
            }
        }
    }

    /// What concerns the load balancer as a whole.
    fn whole(&self, told: &mut Told) {
        let sum = |of: fn(&Counts) -> u64| self.counts.values().map(of).sum::<u64>();
        let active = self.active_connections.max(0) as u64;
        if active > 0 {
            for cut in [(None, None), (None, self.zones.first().map(String::as_str))] {
                told.level(self.metric("ActiveConnectionCount", cut), Unit::COUNT, active as f64);
            }
        }
        let rules_evaluated = sum(|c| c.rules_evaluated);
        if rules_evaluated > 0 {
            let values = StatisticSet::of(rules_evaluated as f64);
            told.count(self.metric("RuleEvaluations", (None, None)), Unit::COUNT, values);
        }
        let load = Load {
            requests: sum(|c| c.requests),
            new_connections: sum(|c| c.connections),
            active_connections: active,
            bytes: sum(|c| c.bytes),
            rules_evaluated,
        };
        let units = StatisticSet::of(load.consumed_units());
        told.count_always(self.metric("ConsumedLCUs", (None, None)), Unit::COUNT, Some(units));
    }

    fn hosts(&self, group: &super::Group, told: &mut Told) {
        let id = Some(group.id.as_str());
        let counts =
            [("HealthyHostCount", &group.healthy), ("UnHealthyHostCount", &group.unhealthy)];
        for (name, by_zone) in counts {
            let all: u32 = by_zone.values().sum();
            told.level(self.metric(name, (id, None)), Unit::COUNT, all.into());
            for zone in &self.zones {
                let here = by_zone.get(zone).copied().unwrap_or(0);
                told.level(self.metric(name, (id, Some(zone))), Unit::COUNT, here.into());
            }
        }
    }

    /// `RequestCountPerTarget`, whose sum is an average.
    fn per_target(&self, group: &super::Group, told: &mut Told) {
        let id = Some(group.id.as_str());
        let targets = f64::from(group.targets().max(1));
        let requests = |zone: Option<&str>| {
            let here = self.counts.iter().filter(|((own, at), _)| {
                own.as_deref() == id && zone.is_none_or(|zone| at == zone)
            });
            here.map(|(_, counts)| counts.requests).sum::<u64>() as f64
        };
        let zones = self.zones.iter().map(|zone| Some(zone.as_str()));
        for zone in zones.chain([None]) {
            let values = StatisticSet::of(requests(zone) / targets);
            for balancer in [Some(self.id.as_str()), None] {
                let metric = self.metric_of("RequestCountPerTarget", balancer, (id, zone));
                told.count_always(metric, Unit::COUNT, Some(values.clone()));
            }
        }
    }
}

/// So many times one, which is how AWS tells requests; `None` of none.
fn ones(count: u64) -> Option<StatisticSet> {
    (count > 0).then(|| StatisticSet::repeated(1.0, count as f64))
}

fn cuts<'a>(by: By, group: Option<&'a str>, zone: &'a str) -> Vec<Cut<'a>> {
    let mut cuts = vec![(None, None), (None, Some(zone))];
    if by == By::Group && group.is_some() {
        cuts.extend([(group, None), (group, Some(zone))]);
    }
    cuts
}
