#pragma once

#include <leat/bench/bench_report.hpp>

namespace leat::bench {

/// A job whose state is many times as large as the memory that it may take.
void report_large_state(bench_report& report);

/// That job, as a program: `bench_checkpoints large …`.
int run_large(int argc, char** argv);

} // namespace leat::bench
