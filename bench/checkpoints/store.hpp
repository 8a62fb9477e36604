#pragma once

#include <leat/bench/bench_report.hpp>

namespace leat::bench {

/// The checkpoint store by itself: a million keys with values of 40 bytes in 128 groups, of which 1 % change from one checkpoint
/// to the next. How long a commit takes, how much is written for what has changed, and the same without folds; beside it the
/// least that any store could do, a plain write of the same bytes with fdatasync. And the snapshot of a step with a million
/// keys, of which 1 % have changed, beside one of all of them: how long the actor does nothing else.
void report_store(bench_report& report);

} // namespace leat::bench
