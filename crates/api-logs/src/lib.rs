//! CloudWatch Logs: a folder per resource, a file per operation. Groups, streams
//! and filters are in the store; their lines are in `neargate-loglines`, and
//! the two meet here. What is past its group's retention is forgotten by
//! `reconcile`'s retention loop.

mod append;
mod event;
mod group;
mod inert;
mod live_tail;
mod metric_filter;
mod pages;
mod query;
mod query_definition;
mod resource_policy;
mod stream;
mod subscription_filter;
mod tags;

use neargate_api::Service;
use neargate_api::types::logs;
use neargate_loglines::LogLines;

/// The service with all its operations, over these lines.
pub fn service(lines: LogLines) -> Service {
    let service = Service::new(&logs::SERVICE).inert(inert::inert);
    let service = groups(service, &lines);
    let service = streams(service, &lines);
    let service = events(service, &lines);
    let service = filters(service, &lines);
    let service = insights(service, &lines);
    let service = policies(service);
    tagging(service)
}

fn groups(service: Service, lines: &LogLines) -> Service {
    let (for_delete, for_describe) = (lines.clone(), lines.clone());
    service
        .op_on::<logs::CreateLogGroup, _>(
            |c, i| group::resource(c, &i.log_group_name),
            group::create::call,
        )
        .op_on::<logs::DeleteLogGroup, _>(
            |c, i| group::resource(c, &i.log_group_name),
            move |ctx, input| group::delete::call(ctx, for_delete.clone(), input),
        )
        .op_on::<logs::DescribeLogGroups, _>(
            |c, _| group::resource(c, ""),
            move |ctx, input| group::describe::call(ctx, for_describe.clone(), input),
        )
        .op_on::<logs::PutRetentionPolicy, _>(
            |c, i| group::resource(c, &i.log_group_name),
            group::retention::put,
        )
        .op_on::<logs::DeleteRetentionPolicy, _>(
            |c, i| group::resource(c, &i.log_group_name),
            group::retention::delete,
        )
        .op_on::<logs::AssociateKmsKey, _>(
            |c, i| group::resource_of(c, &i.log_group_name, &i.resource_identifier),
            group::kms_key::associate,
        )
        .op_on::<logs::DisassociateKmsKey, _>(
            |c, i| group::resource_of(c, &i.log_group_name, &i.resource_identifier),
            group::kms_key::disassociate,
        )
        .op_on::<logs::PutLogGroupDeletionProtection, _>(
            |c, i| group::resource(c, group::name_in(&i.log_group_identifier)),
            group::deletion_protection::put,
        )
}

fn streams(service: Service, lines: &LogLines) -> Service {
    let (for_delete, for_describe) = (lines.clone(), lines.clone());
    service
        .op_on::<logs::CreateLogStream, _>(
            |c, i| stream::resource(c, &i.log_group_name, &i.log_stream_name),
            stream::create::call,
        )
        .op_on::<logs::DeleteLogStream, _>(
            |c, i| stream::resource(c, &i.log_group_name, &i.log_stream_name),
            move |ctx, input| stream::delete::call(ctx, for_delete.clone(), input),
        )
        .op_on::<logs::DescribeLogStreams, _>(
            |c, i| group::resource_of(c, &i.log_group_name, &i.log_group_identifier),
            move |ctx, input| stream::describe::call(ctx, for_describe.clone(), input),
        )
}

fn events(service: Service, lines: &LogLines) -> Service {
    let (for_put, for_get, for_filter) = (lines.clone(), lines.clone(), lines.clone());
    service
        .op_on::<logs::PutLogEvents, _>(
            |c, i| stream::resource(c, &i.log_group_name, &i.log_stream_name),
            move |ctx, input| event::put::call(ctx, for_put.clone(), input),
        )
        .op_on::<logs::GetLogEvents, _>(
            |c, i| {
                let group = i.log_group_name.as_deref().or(i.log_group_identifier.as_deref());
                stream::resource(c, group::name_in(group.unwrap_or_default()), &i.log_stream_name)
            },
            move |ctx, input| event::get::call(ctx, for_get.clone(), input),
        )
        .op_on::<logs::FilterLogEvents, _>(
            |c, i| group::resource_of(c, &i.log_group_name, &i.log_group_identifier),
            move |ctx, input| event::filter::call(ctx, for_filter.clone(), input),
        )
}

fn filters(service: Service, lines: &LogLines) -> Service {
    let for_put = lines.clone();
    service
        .op_on::<logs::PutMetricFilter, _>(
            |c, i| group::resource(c, &i.log_group_name),
            move |ctx, input| metric_filter::put::call(ctx, for_put.clone(), input),
        )
        .op_on::<logs::DeleteMetricFilter, _>(
            |c, i| group::resource(c, &i.log_group_name),
            metric_filter::delete::call,
        )
        .op_on::<logs::DescribeMetricFilters, _>(
            |c, i| group::resource(c, i.log_group_name.as_deref().unwrap_or_default()),
            metric_filter::describe::call,
        )
        .op::<logs::TestMetricFilter, _>(metric_filter::test::call)
        .op_on::<logs::DescribeSubscriptionFilters, _>(
            |c, i| group::resource(c, &i.log_group_name),
            subscription_filter::describe,
        )
}

fn insights(service: Service, lines: &LogLines) -> Service {
    let queries = query::Queries::new(lines.clone());
    let (for_start, for_results, for_stop, for_describe) =
        (queries.clone(), queries.clone(), queries.clone(), queries);
    let (for_record, for_fields, for_tail) = (lines.clone(), lines.clone(), lines.clone());
    service
        .op_on::<logs::StartQuery, _>(first_group, move |ctx, input| {
            query::start::call(ctx, for_start.clone(), input)
        })
        .op::<logs::GetQueryResults, _>(move |ctx, input| {
            query::results::call(ctx, for_results.clone(), input)
        })
        .op::<logs::StopQuery, _>(move |ctx, input| query::stop::call(ctx, for_stop.clone(), input))
        .op::<logs::DescribeQueries, _>(move |ctx, input| {
            query::describe::call(ctx, for_describe.clone(), input)
        })
        // It asks about the group itself, which the pointer names.
        .op_open::<logs::GetLogRecord, _>(move |ctx, input| {
            query::record::call(ctx, for_record.clone(), input)
        })
        .op_on::<logs::GetLogGroupFields, _>(
            |c, i| group::resource_of(c, &i.log_group_name, &i.log_group_identifier),
            move |ctx, input| query::fields::call(ctx, for_fields.clone(), input),
        )
        .op::<logs::PutQueryDefinition, _>(query_definition::put)
        .op::<logs::DescribeQueryDefinitions, _>(query_definition::describe)
        .op::<logs::DeleteQueryDefinition, _>(query_definition::delete)
        .op_stream::<logs::StartLiveTail, _>(
            |c, i| {
                let first = i.log_group_identifiers.first();
                group::resource(c, group::name_in(first.map_or("", String::as_str)))
            },
            move |ctx, input| live_tail::call(ctx, for_tail.clone(), input),
        )
}

/// The group that policies are asked about first; the operation asks about each.
fn first_group(ctx: &neargate_api::Ctx, input: &logs::StartQueryRequest) -> String {
    let first = |all: &Option<Vec<String>>| all.as_ref().and_then(|all| all.first()).cloned();
    let name = input.log_group_name.clone().or_else(|| first(&input.log_group_names));
    let name = name.or_else(|| first(&input.log_group_identifiers)).unwrap_or_default();
    group::resource(ctx, group::name_in(&name))
}

fn policies(service: Service) -> Service {
    service
        .op::<logs::PutResourcePolicy, _>(resource_policy::put::call)
        .op::<logs::DeleteResourcePolicy, _>(resource_policy::delete::call)
        .op::<logs::DescribeResourcePolicies, _>(resource_policy::describe::call)
}

fn tagging(service: Service) -> Service {
    service
        .op_on::<logs::TagResource, _>(|_, i| i.resource_arn.clone(), tags::tag)
        .op_on::<logs::UntagResource, _>(|_, i| i.resource_arn.clone(), tags::untag)
        .op_on::<logs::ListTagsForResource, _>(|_, i| i.resource_arn.clone(), tags::list)
        .op_on::<logs::TagLogGroup, _>(
            |c, i| group::resource(c, &i.log_group_name),
            tags::tag_group,
        )
        .op_on::<logs::UntagLogGroup, _>(
            |c, i| group::resource(c, &i.log_group_name),
            tags::untag_group,
        )
        .op_on::<logs::ListTagsLogGroup, _>(
            |c, i| group::resource(c, &i.log_group_name),
            tags::list_group,
        )
}

#[cfg(test)]
mod tests;
