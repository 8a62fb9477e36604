#pragma once

#include <leat/bench/bench_report.hpp>

#include <string>

namespace leat::bench {

/// Checkpoints of a running job in memory: how long they take, how long records wait for them, and under full backpressure.
void report_running_checkpoints(bench_report& report);

/// Asks for states of the job in this directory 50 times a second, for ever.
[[noreturn]] void run_queries(const std::string& directory);

} // namespace leat::bench
