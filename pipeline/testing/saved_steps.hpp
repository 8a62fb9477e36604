#pragma once

#include <leat/actors/dataflow_plan.hpp>
#include <leat/operators/step.hpp>
#include <leat/pipeline/testing/job_snapshot.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace leat::testing {

/// What identifies saved state: the uid, or the name of what was given none.
const std::string& uid_of(const step_plan& step);
const std::string& uid_of(const stage_plan& stage);

/// What the subtasks of one step keep, in the order of state and key. What all have in common is there once.
/// @throws pipeline_error when one of them is in the middle of something.
std::vector<saved_entry> save_step(std::span<step* const> subtasks);

/// Gives each entry to whom it belongs.
/// @param subtasks of the step, in the order of their index.
void load_step(std::span<step* const> subtasks, std::uint32_t max_parallelism, const std::vector<saved_entry>& entries);

} // namespace leat::testing
