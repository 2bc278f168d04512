//! Metrics as messages. Names and labels are those of `/metrics`.

use std::time::SystemTime;

use opentelemetry_proto::tonic::{
    collector::metrics::v1::ExportMetricsServiceRequest,
    common::v1::{InstrumentationScope, KeyValue},
    metrics::v1::{
        AggregationTemporality, Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint, ResourceMetrics,
        ScopeMetrics, Sum, metric::Data, number_data_point,
    },
    resource::v1::Resource,
};

use super::{
    super::metrics::{Family, Kind, PREFIX, Sample, Value, in_seconds},
    nanoseconds, text,
};
use crate::domain::measure::{BOUNDS, Snapshot};

/// The request with these metrics, which count from `began`.
pub(super) fn request(
    resource: Resource,
    scope: InstrumentationScope,
    families: &[Family],
    began: SystemTime,
    now: SystemTime,
) -> ExportMetricsServiceRequest {
    let period = Period { began: nanoseconds(began), now: nanoseconds(now) };
    let metrics = families.iter().map(|family| period.metric(family)).collect();
    let scope_metrics = vec![ScopeMetrics { scope: Some(scope), metrics, ..ScopeMetrics::default() }];
    let metrics = ResourceMetrics { resource: Some(resource), scope_metrics, ..ResourceMetrics::default() };
    ExportMetricsServiceRequest { resource_metrics: vec![metrics] }
}

/// What the numbers cover, in nanoseconds since 1970.
struct Period {
    began: u64,
    now: u64,
}

impl Period {
    fn metric(&self, family: &Family) -> Metric {
        let temporality = AggregationTemporality::Cumulative.into();
        let numbers = || family.samples.iter().filter_map(|sample| self.number(family, sample)).collect();
        let data = match family.kind {
            Kind::Counter => {
                Data::Sum(Sum { data_points: numbers(), aggregation_temporality: temporality, is_monotonic: true })
            }
            Kind::Gauge => Data::Gauge(Gauge { data_points: numbers() }),
            Kind::Histogram => {
                let data_points = family.samples.iter().filter_map(|sample| self.durations(family, sample)).collect();
                Data::Histogram(Histogram { data_points, aggregation_temporality: temporality })
            }
        };
        let unit = if family.name.ends_with("_seconds") { "s" } else { "1" };
        let (name, description) = (format!("{PREFIX}{}", family.name), family.help.to_owned());
        Metric { name, description, unit: unit.to_owned(), data: Some(data), ..Metric::default() }
    }

    fn number(&self, family: &Family, sample: &Sample) -> Option<NumberDataPoint> {
        let Value::Number(number) = sample.value else { return None };
        let value = number_data_point::Value::AsInt(i64::try_from(number).unwrap_or(i64::MAX));
        Some(NumberDataPoint {
            attributes: attributes(family, sample),
            start_time_unix_nano: self.began,
            time_unix_nano: self.now,
            value: Some(value),
            ..NumberDataPoint::default()
        })
    }

    fn durations(&self, family: &Family, sample: &Sample) -> Option<HistogramDataPoint> {
        let Value::Durations(Snapshot { cumulative, microseconds }) = sample.value else { return None };
        let mut before = 0;
        let in_bucket = |up_to: u64| up_to - std::mem::replace(&mut before, up_to);
        Some(HistogramDataPoint {
            attributes: attributes(family, sample),
            start_time_unix_nano: self.began,
            time_unix_nano: self.now,
            count: cumulative[BOUNDS.len()],
            sum: Some(in_seconds(microseconds)),
            bucket_counts: cumulative.into_iter().map(in_bucket).collect(),
            explicit_bounds: BOUNDS.into_iter().map(in_seconds).collect(),
            ..HistogramDataPoint::default()
        })
    }
}

fn attributes(family: &Family, sample: &Sample) -> Vec<KeyValue> {
    family.label.map(|label| text(label, sample.of.as_ref())).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::measure;

    #[test]
    fn buckets_are_not_cumulative() {
        let durations = measure::Histogram::default();
        for microseconds in [50, 60, 200, 20_000_000] {
            durations.record(Duration::from_micros(microseconds));
        }
        let samples = vec![Sample { of: "query".into(), value: Value::Durations(durations.snapshot()) }];
        let family = Family { name: "t_seconds", kind: Kind::Histogram, help: "T.", label: Some("type"), samples };
        let metric = Period { began: 1, now: 2 }.metric(&family);
        assert_eq!((metric.name.as_str(), metric.unit.as_str()), ("fieldguard_t_seconds", "s"));
        let Some(Data::Histogram(histogram)) = metric.data else { panic!("not a histogram") };
        let point = &histogram.data_points[0];
        assert_eq!((point.bucket_counts[0], point.bucket_counts[1], point.bucket_counts[16]), (2, 1, 1));
        assert_eq!((point.count, point.bucket_counts.iter().sum::<u64>(), point.bucket_counts.len()), (4, 4, 17));
        assert_eq!((point.explicit_bounds.len(), point.explicit_bounds[0]), (16, 0.0001));
    }
}
