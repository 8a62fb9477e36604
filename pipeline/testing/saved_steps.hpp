#pragma once

#include <leat/actors/dataflow_plan.hpp>
#include <leat/operators/step.hpp>
#include <leat/pipeline/testing/job_snapshot.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace leat::testing {

/// What the subtasks of one step keep, in the order of state and key. What all have in common is there once.
/// @throws pipeline_error when one of them is in the middle of something.
std::vector<saved_entry> save_step(std::span<step* const> subtasks);

} // namespace leat::testing
