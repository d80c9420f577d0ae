//! A list of queries, each of a metric or an expression over others, and what they come to in a
//! range of time: for GetMetricData, for alarms that watch such a list, and for pictures of widgets.
//!
//! Source: GetMetricData in the API reference.

use std::cell::RefCell;
use std::collections::BTreeMap;

use neargate_api::Timestamp;
use neargate_api::types::cloudwatch::{MetricDataQuery, MetricStat};
use neargate_metricmath::search::{Candidate, Search};
use neargate_metricmath::{Inputs, Series, Value, Wrong, evaluate, parse};
use neargate_series::{Metric, Query, Series as Store, Statistic, Unit};

use super::anomaly;
use super::is_period;

/// Series that a search finds at most.
const FOUND_MAX: usize = 500;
/// The period of a search that says none.
const SEARCH_PERIOD_S: i64 = 300;

/// Queries, and what they are asked of.
pub struct Queries<'a> {
    pub store: &'a Store,
    pub region: &'a str,
    pub queries: &'a [MetricDataQuery],
    pub from: Timestamp,
    pub to: Timestamp,
    pub now: Timestamp,
    pub models: &'a dyn Fn(&Metric, &str) -> anomaly::Model,
    answers: RefCell<BTreeMap<String, Option<Value>>>,
}

/// A series that a query comes to, and the metric that it is of.
#[derive(Clone)]
pub struct Found {
    pub series: Series,
    /// What its label's properties are of.
    pub stat: Option<MetricStat>,
    /// Whether it is one of many, as a search finds them.
    pub is_one_of_many: bool,
}

impl<'a> Queries<'a> {
    pub fn new(
        store: &'a Store,
        region: &'a str,
        queries: &'a [MetricDataQuery],
        range: (Timestamp, Timestamp),
        now: Timestamp,
        models: &'a dyn Fn(&Metric, &str) -> anomaly::Model,
    ) -> Self {
        let (from, to) = range;
        let answers = RefCell::default();
        Queries { store, region, queries, from, to, now, models, answers }
    }

    /// What a query comes to: one series, or many.
    pub fn found(&self, query: &MetricDataQuery) -> Result<Vec<Found>, Wrong> {
        let found = |series: Series, is_one_of_many: bool| Found {
            stat: query.metric_stat.clone(),
            series,
            is_one_of_many,
        };
        match self.named(&query.id)? {
            Value::Series(series) => Ok(vec![found(series, false)]),
            Value::List(list) => Ok(list.into_iter().map(|series| found(series, true)).collect()),
            other => Err(Wrong(format!(
                "The expression must return a time series, and not a {}",
                other.kind()
            ))),
        }
    }

    fn query(&self, id: &str) -> Option<&'a MetricDataQuery> {
        self.queries.iter().find(|query| query.id == id)
    }

    fn evaluated(&self, query: &MetricDataQuery) -> Result<Value, Wrong> {
        if let Some(stat) = &query.metric_stat {
            return self.measured(stat).map(Value::Series);
        }
        let expression = query.expression.as_deref().unwrap_or_default();
        if is_sql(expression) {
            return Err(Wrong("Neargate does not evaluate Metrics Insights queries".into()));
        }
        let context = Context { queries: self, query };
        evaluate(&parse(expression)?, &context)
    }

    /// What is known of a metric's statistic, by time.
    pub fn measured(&self, stat: &MetricStat) -> Result<Series, Wrong> {
        let unit = stat.unit.as_deref().and_then(Unit::named);
        let metric = metric_of(self.region, stat);
        self.read(&metric, &stat.stat, stat.period.into(), unit, (self.from, self.to))
    }

    fn read(
        &self,
        metric: &Metric,
        statistic: &str,
        period_s: i64,
        unit: Option<Unit>,
        range: (Timestamp, Timestamp),
    ) -> Result<Series, Wrong> {
        let Some(known) = Statistic::named(statistic) else {
            return Err(Wrong(format!(
                "The value {statistic} for parameter Stat is not supported."
            )));
        };
        if !i32::try_from(period_s).is_ok_and(is_period) {
            return Err(Wrong(
                "The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.".into(),
            ));
        }
        let query =
            Query { metric, unit, period: period_s, from: range.0, to: range.1, now: self.now };
        let periods = self
            .store
            .query(&query)
            .map_err(|error| Wrong(format!("The metrics could not be read: {error}")))?;
        let points = periods.iter().filter_map(|(at, set)| Some((*at, known.of(set)?)));
        Ok(Series { label: metric.name.clone(), period_s, points: points.collect() })
    }

    /// The longest period of the metrics.
    fn longest_period_s(&self) -> i64 {
        let of = |query: &MetricDataQuery| {
            query.metric_stat.as_ref().map(|stat| stat.period).or(query.period)
        };
        self.queries.iter().filter_map(of).max().map_or(SEARCH_PERIOD_S, i64::from)
    }

    fn named(&self, id: &str) -> Result<Value, Wrong> {
        let Some(query) = self.query(id) else {
            return Err(Wrong(format!("Undefined variable {id}")));
        };
        match self.answers.borrow().get(id) {
            Some(Some(answer)) => return Ok(answer.clone()),
            Some(None) => {
                return Err(Wrong(format!("{id} is in a circular dependency")));
            }
            None => {}
        }
        self.answers.borrow_mut().insert(id.to_owned(), None);
        let answer = self.evaluated(query);
        match &answer {
            Ok(answer) => self.answers.borrow_mut().insert(id.to_owned(), Some(answer.clone())),
            Err(_) => self.answers.borrow_mut().remove(id),
        };
        answer
    }
}

/// The metric that a query names.
pub fn metric_of(region: &str, stat: &MetricStat) -> Metric {
    let of = |text: &Option<String>| text.clone().unwrap_or_default();
    let dimensions = stat.metric.dimensions.iter().flatten();
    Metric::new(
        region,
        of(&stat.metric.namespace),
        of(&stat.metric.metric_name),
        dimensions.map(|dimension| (&dimension.name, &dimension.value)),
    )
}

/// Whether it is a query of Metrics Insights.
pub fn is_sql(expression: &str) -> bool {
    expression.trim_start().get(..6).is_some_and(|begin| begin.eq_ignore_ascii_case("SELECT"))
}

/// What the expression of one query is evaluated with.
struct Context<'a, 'b> {
    queries: &'b Queries<'a>,
    query: &'b MetricDataQuery,
}

impl Inputs for Context<'_, '_> {
    fn named(&self, id: &str) -> Result<Value, Wrong> {
        self.queries.named(id)
    }

    fn metrics(&self) -> Result<Vec<(String, Series)>, Wrong> {
        let all = self.queries.queries.iter();
        let metrics = all.filter_map(|query| Some((query.id.clone(), query.metric_stat.as_ref()?)));
        metrics.map(|(id, stat)| Ok((id, self.queries.measured(stat)?))).collect()
    }

    fn search(
        &self,
        text: &str,
        statistic: &str,
        period_s: Option<i64>,
    ) -> Result<Vec<Series>, Wrong> {
        let search = Search::parse(text)?;
        let queries = self.queries;
        let own = self.query.period.map(i64::from);
        let period_s = period_s.or(own).unwrap_or(SEARCH_PERIOD_S);
        let finds = |metric: &Metric| {
            let (namespace, name) = (&*metric.namespace, &*metric.name);
            search.finds(&Candidate { namespace, name, dimensions: metric.dimensions() })
        };
        let mut metrics: Vec<Metric> = queries
            .store
            .find(|listed| listed.metric.region == queries.region && finds(&listed.metric))
            .into_iter()
            .map(|listed| listed.metric)
            .collect();
        metrics.dedup();
        let mut found = Vec::new();
        for metric in metrics.iter().take(FOUND_MAX) {
            let range = (queries.from, queries.to);
            let mut series = queries.read(metric, statistic, period_s, None, range)?;
            series.label = telling(metric, &metrics);
            found.push(series);
        }
        Ok(found)
    }

    fn band(&self, id: &str, series: &Series, width: f64) -> Result<[Series; 2], Wrong> {
        let stat = self.queries.query(id).and_then(|query| query.metric_stat.as_ref());
        let Some(stat) = stat else {
            return Err(Wrong("ANOMALY_DETECTION_BAND takes the id of a metric".into()));
        };
        let metric = metric_of(self.queries.region, stat);
        let model = (self.queries.models)(&metric, &stat.stat);
        let trained = (anomaly::trained_from(self.queries.to), self.queries.to);
        let unit = stat.unit.as_deref().and_then(Unit::named);
        let history = self.queries.read(&metric, &stat.stat, stat.period.into(), unit, trained)?;
        Ok(model.band(&history, &self.instants_of(series.period_s), width))
    }

    fn instants(&self) -> Vec<Timestamp> {
        self.instants_of(self.period_s())
    }

    fn period_s(&self) -> i64 {
        self.query.period.map_or_else(|| self.queries.longest_period_s(), i64::from)
    }
}

impl Context<'_, '_> {
    fn instants_of(&self, period_s: i64) -> Vec<Timestamp> {
        let (from, to) = (self.queries.from.secs(), self.queries.to.secs());
        let first = from.div_euclid(period_s) * period_s;
        let first = if first < from { first + period_s } else { first };
        let step = usize::try_from(period_s.max(1)).unwrap_or(1);
        (first..to).step_by(step).map(Timestamp::from_secs).collect()
    }
}

/// What tells a metric from the others that were found: its name where these differ, and the
/// dimensions that do.
pub fn telling(metric: &Metric, all: &[Metric]) -> String {
    let mut words = Vec::new();
    for (name, value) in metric.dimensions() {
        if all.iter().any(|other| other.dimension(name) != Some(value)) {
            words.push(value.as_str());
        }
    }
    if words.is_empty() || all.iter().any(|other| other.name != metric.name) {
        words.push(&metric.name);
    }
    words.join(" ")
}
