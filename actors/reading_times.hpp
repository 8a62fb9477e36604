#pragma once

#include <leat/actors/dataflow_plan.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace leat {

/// The names of the steps of a stage, which is no source, that have windows of event time.
using event_time_windows_of = std::function<std::vector<std::string>(std::size_t stage)>;

/// Logs a warning for each source that gives its records the time at which they are read while windows of event time stand
/// behind it: what those hold then depends on how fast the job reads. Names all steps with such windows, in the plan's order.
///
/// Nothing is said of interval joins, of lookups as of a time, and of the timers of functions.
void warn_of_reading_times(const dataflow_plan& plan, const event_time_windows_of& windows_of);

} // namespace leat
