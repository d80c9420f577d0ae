//! CloudWatch: metrics, alarms and dashboards; a folder per resource, a file per
//! operation. The values of metrics are in `neargate-series`; `neargate-monitoring`
//! evaluates the alarms, and tells them what it found ([`evaluated`]).

mod alarm;
mod dashboard;
mod inert;
mod metric;
mod tags;

pub use alarm::single::Single;
pub use alarm::{act, composite, evaluated, managed};
pub use metric::detector;
pub use metric::queries::{Found, Queries};

use std::sync::Arc;

use neargate_api::Service;
use neargate_api::types::cloudwatch;
use neargate_series::Series;

/// The service with all its operations.
pub fn service(series: Arc<Series>) -> Service {
    let service = Service::new(&cloudwatch::SERVICE).inert(inert::inert);
    let service = metrics(service, &series);
    let service = detectors(service);
    let service = alarms(service);
    let service = dashboards(service);
    service
        .op_on::<cloudwatch::TagResource, _>(|_, i| i.resource_arn.clone(), tags::tag)
        .op_on::<cloudwatch::UntagResource, _>(|_, i| i.resource_arn.clone(), tags::untag)
        .op_on::<cloudwatch::ListTagsForResource, _>(|_, i| i.resource_arn.clone(), tags::list)
}

fn metrics(service: Service, series: &Arc<Series>) -> Service {
    let [for_put, for_data, for_statistics, for_list, for_image] = [(); 5].map(|()| series.clone());
    service
        .op::<cloudwatch::PutMetricData, _>(move |ctx, input| {
            metric::put::call(ctx, for_put.clone(), input)
        })
        .op::<cloudwatch::GetMetricData, _>(move |ctx, input| {
            metric::data::call(ctx, for_data.clone(), input)
        })
        .op::<cloudwatch::GetMetricStatistics, _>(move |ctx, input| {
            metric::statistics::call(ctx, for_statistics.clone(), input)
        })
        .op::<cloudwatch::ListMetrics, _>(move |ctx, input| {
            metric::list::call(ctx, for_list.clone(), input)
        })
        .op::<cloudwatch::GetMetricWidgetImage, _>(move |ctx, input| {
            metric::widget::call(ctx, for_image.clone(), input)
        })
}

fn detectors(service: Service) -> Service {
    service
        .op::<cloudwatch::PutAnomalyDetector, _>(detector::put)
        .op::<cloudwatch::DescribeAnomalyDetectors, _>(detector::describe)
        .op::<cloudwatch::DeleteAnomalyDetector, _>(detector::delete)
}

fn alarms(service: Service) -> Service {
    service
        .op_on::<cloudwatch::PutMetricAlarm, _>(
            |c, i| alarm::arn(c, &i.alarm_name),
            alarm::put_metric::call,
        )
        .op_on::<cloudwatch::PutCompositeAlarm, _>(
            |c, i| alarm::arn(c, &i.alarm_name),
            alarm::put_composite::call,
        )
        .op_on::<cloudwatch::DescribeAlarms, _>(|c, _| alarm::arn(c, "*"), alarm::describe::call)
        .op::<cloudwatch::DescribeAlarmsForMetric, _>(alarm::describe_for_metric::call)
        .op_on::<cloudwatch::DescribeAlarmHistory, _>(
            |c, i| alarm::arn(c, i.alarm_name.as_deref().unwrap_or("*")),
            alarm::history::describe,
        )
        .op_on::<cloudwatch::SetAlarmState, _>(
            |c, i| alarm::arn(c, &i.alarm_name),
            alarm::set_state::call,
        )
        .op_on::<cloudwatch::DeleteAlarms, _>(
            |c, i| alarm::first_arn(c, &i.alarm_names),
            alarm::delete::call,
        )
        .op_on::<cloudwatch::EnableAlarmActions, _>(
            |c, i| alarm::first_arn(c, &i.alarm_names),
            alarm::actions::enable,
        )
        .op_on::<cloudwatch::DisableAlarmActions, _>(
            |c, i| alarm::first_arn(c, &i.alarm_names),
            alarm::actions::disable,
        )
}

fn dashboards(service: Service) -> Service {
    service
        .op_on::<cloudwatch::PutDashboard, _>(
            |c, i| dashboard::arn(c, &i.dashboard_name),
            dashboard::put::call,
        )
        .op_on::<cloudwatch::GetDashboard, _>(
            |c, i| dashboard::arn(c, &i.dashboard_name),
            dashboard::get::call,
        )
        .op_on::<cloudwatch::DeleteDashboards, _>(
            |c, i| dashboard::arn(c, i.dashboard_names.first().map_or("", String::as_str)),
            dashboard::delete::call,
        )
        .op::<cloudwatch::ListDashboards, _>(dashboard::list::call)
}

#[cfg(test)]
mod tests;
