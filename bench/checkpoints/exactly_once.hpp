#pragma once

#include <leat/bench/bench_report.hpp>

namespace leat::bench {

/// The windowed job from Kafka to Kafka: exactly once beside at least once. Starts a broker, as those below do.
void report_throughput(bench_report& report);

/// How long a record takes from its producer to a reader of committed records.
void report_latency(bench_report& report);

/// How long a `kill -9` is felt.
void report_kill(bench_report& report);

/// The same with a large state.
void report_large_restart(bench_report& report);

/// The job that is killed, as a program: `bench_checkpoints job …`.
int run_job(int argc, char** argv);

} // namespace leat::bench
