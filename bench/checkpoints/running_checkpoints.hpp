#pragma once

#include <leat/bench/bench_report.hpp>

namespace leat::bench {

/// Checkpoints of a running job in memory: how long they take, how long records wait for them, and under full backpressure.
void report_running_checkpoints(bench_report& report);

} // namespace leat::bench
