#pragma once

#include <leat/bench/bench_report.hpp>

namespace leat::bench {

/// What exactly-once costs from Kafka to Kafka: throughput, latency for a reader of committed records, and how long a `kill -9` is
/// felt. Starts a broker.
void report_exactly_once(bench_report& report);

/// The job that is killed, as a program: `bench_checkpoints job …`.
int run_job(int argc, char** argv);

} // namespace leat::bench
