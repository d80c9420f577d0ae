use std::fmt::Write;

use expect_test::{Expect, expect};
use neargate_series::StatisticSet;

use super::*;

fn group(is_sticky: bool) -> Group {
    let two = BTreeMap::from([("us-west-2a".to_owned(), 1), ("us-west-2b".to_owned(), 1)]);
    let unhealthy = BTreeMap::from([("us-west-2b".to_owned(), 1)]);
    Group { id: "targetgroup/web/1".into(), is_sticky, healthy: two, unhealthy }
}

fn minute(counts: Vec<(Option<&str>, &str, Counts)>) -> Minute {
    let counts = counts
        .into_iter()
        .map(|(group, zone, counts)| ((group.map(str::to_owned), zone.to_owned()), counts));
    Minute {
        region: "us-west-2".into(),
        id: "app/web/1".into(),
        zones: vec!["us-west-2a".into(), "us-west-2b".into()],
        groups: vec![group(false)],
        counts: counts.collect(),
        active_connections: 0,
    }
}

/// Name, dimensions in the order of their names, and the values, of each.
fn check(minute: &Minute, expected: Expect) {
    let mut told = Told::default();
    minute.tell(&mut told);
    let mut lines = String::new();
    for datum in told.data(crate::told::MINUTE, 0, 1).flatten() {
        let dimensions = datum.metric.dimensions().iter().map(|(_, value)| value.as_str());
        let dimensions: Vec<&str> = dimensions.collect();
        let (set, unit) = (&datum.values, datum.unit.name());
        let (name, of) = (&datum.metric.name, dimensions.join(" "));
        writeln!(lines, "{name} [{of}]: {} {unit} of {}", set.sum, set.count).unwrap();
    }
    expected.assert_eq(&lines);
}

#[test]
fn without_requests_aws_reports_zeroes_of_some_and_nothing_of_others() {
    check(
        &minute(Vec::new()),
        expect![[r#"
        HealthyHostCount [us-west-2a app/web/1 targetgroup/web/1]: 1 Count of 1
        HealthyHostCount [us-west-2b app/web/1 targetgroup/web/1]: 1 Count of 1
        HealthyHostCount [app/web/1 targetgroup/web/1]: 2 Count of 1
        UnHealthyHostCount [us-west-2a app/web/1 targetgroup/web/1]: 0 Count of 1
        UnHealthyHostCount [us-west-2b app/web/1 targetgroup/web/1]: 1 Count of 1
        UnHealthyHostCount [app/web/1 targetgroup/web/1]: 1 Count of 1
        ConsumedLCUs [app/web/1]: 0 Count of 1
        DroppedInvalidHeaderRequestCount [us-west-2a app/web/1]: 0 Count of 1
        DroppedInvalidHeaderRequestCount [us-west-2b app/web/1]: 0 Count of 1
        DroppedInvalidHeaderRequestCount [app/web/1]: 0 Count of 1
        ForwardedInvalidHeaderRequestCount [us-west-2a app/web/1]: 0 Count of 1
        ForwardedInvalidHeaderRequestCount [us-west-2b app/web/1]: 0 Count of 1
        ForwardedInvalidHeaderRequestCount [app/web/1]: 0 Count of 1
        RequestCount [us-west-2a app/web/1]: 0 Count of 1
        RequestCount [us-west-2a app/web/1 targetgroup/web/1]: 0 Count of 1
        RequestCount [us-west-2b app/web/1]: 0 Count of 1
        RequestCount [us-west-2b app/web/1 targetgroup/web/1]: 0 Count of 1
        RequestCount [app/web/1]: 0 Count of 1
        RequestCount [app/web/1 targetgroup/web/1]: 0 Count of 1
        RequestCountPerTarget [us-west-2a app/web/1 targetgroup/web/1]: 0 Count of 1
        RequestCountPerTarget [us-west-2a targetgroup/web/1]: 0 Count of 1
        RequestCountPerTarget [us-west-2b app/web/1 targetgroup/web/1]: 0 Count of 1
        RequestCountPerTarget [us-west-2b targetgroup/web/1]: 0 Count of 1
        RequestCountPerTarget [app/web/1 targetgroup/web/1]: 0 Count of 1
        RequestCountPerTarget [targetgroup/web/1]: 0 Count of 1
    "#]],
    );
}

#[test]
fn requests_count_for_their_zone_and_target_group() {
    let mut times = StatisticSet::repeated(0.25, 3.0);
    times.add(&StatisticSet::of(2.0));
    let answered = Counts {
        requests: 4,
        target_statuses: [0, 0, 3, 0, 0, 1],
        response_times: Some(times),
        bytes: 4000,
        rules_evaluated: 8,
        ..Counts::default()
    };
    let refused = Counts {
        own_statuses: BTreeMap::from([(503, 2), (301, 1)]),
        redirects: 1,
        connections: 5,
        bytes: 900,
        ..Counts::default()
    };
    let mut minute = minute(vec![
        (Some("targetgroup/web/1"), "us-west-2a", answered),
        (None, "us-west-2b", refused),
    ]);
    minute.groups.clear();
    minute.active_connections = 2;
    check(
        &minute,
        expect![[r#"
        ActiveConnectionCount [us-west-2a app/web/1]: 2 Count of 1
        ActiveConnectionCount [app/web/1]: 2 Count of 1
        ConsumedLCUs [app/web/1]: 0.00005555555555555555 Count of 1
        DroppedInvalidHeaderRequestCount [us-west-2a app/web/1]: 0 Count of 1
        DroppedInvalidHeaderRequestCount [us-west-2b app/web/1]: 0 Count of 1
        DroppedInvalidHeaderRequestCount [app/web/1]: 0 Count of 1
        ForwardedInvalidHeaderRequestCount [us-west-2a app/web/1]: 0 Count of 1
        ForwardedInvalidHeaderRequestCount [us-west-2b app/web/1]: 0 Count of 1
        ForwardedInvalidHeaderRequestCount [app/web/1]: 0 Count of 1
        HTTPCode_ELB_3XX_Count [us-west-2b app/web/1]: 1 Count of 1
        HTTPCode_ELB_3XX_Count [app/web/1]: 1 Count of 1
        HTTPCode_ELB_503_Count [us-west-2b app/web/1]: 2 Count of 2
        HTTPCode_ELB_503_Count [app/web/1]: 2 Count of 2
        HTTPCode_ELB_5XX_Count [us-west-2b app/web/1]: 2 Count of 2
        HTTPCode_ELB_5XX_Count [app/web/1]: 2 Count of 2
        HTTPCode_Target_2XX_Count [us-west-2a app/web/1]: 3 Count of 3
        HTTPCode_Target_2XX_Count [us-west-2a app/web/1 targetgroup/web/1]: 3 Count of 3
        HTTPCode_Target_2XX_Count [app/web/1]: 3 Count of 3
        HTTPCode_Target_2XX_Count [app/web/1 targetgroup/web/1]: 3 Count of 3
        HTTPCode_Target_5XX_Count [us-west-2a app/web/1]: 1 Count of 1
        HTTPCode_Target_5XX_Count [us-west-2a app/web/1 targetgroup/web/1]: 1 Count of 1
        HTTPCode_Target_5XX_Count [app/web/1]: 1 Count of 1
        HTTPCode_Target_5XX_Count [app/web/1 targetgroup/web/1]: 1 Count of 1
        HTTP_Redirect_Count [us-west-2b app/web/1]: 1 Count of 1
        HTTP_Redirect_Count [app/web/1]: 1 Count of 1
        NewConnectionCount [us-west-2b app/web/1]: 5 Count of 1
        NewConnectionCount [app/web/1]: 5 Count of 1
        ProcessedBytes [us-west-2a app/web/1]: 4000 Bytes of 1
        ProcessedBytes [us-west-2b app/web/1]: 900 Bytes of 1
        ProcessedBytes [app/web/1]: 4900 Bytes of 2
        RequestCount [us-west-2a app/web/1]: 4 Count of 4
        RequestCount [us-west-2a app/web/1 targetgroup/web/1]: 4 Count of 4
        RequestCount [us-west-2b app/web/1]: 0 Count of 1
        RequestCount [app/web/1]: 4 Count of 4
        RequestCount [app/web/1 targetgroup/web/1]: 4 Count of 4
        RuleEvaluations [app/web/1]: 8 Count of 1
        TargetResponseTime [us-west-2a app/web/1]: 2.75 Seconds of 4
        TargetResponseTime [us-west-2a app/web/1 targetgroup/web/1]: 2.75 Seconds of 4
        TargetResponseTime [app/web/1]: 2.75 Seconds of 4
        TargetResponseTime [app/web/1 targetgroup/web/1]: 2.75 Seconds of 4
    "#]],
    );
}
