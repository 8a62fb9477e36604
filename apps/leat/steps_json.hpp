#pragma once

#include <leat/apps/leat/json_object.hpp>
#include <leat/persistence/manifest.hpp>

#include <functional>
#include <vector>

namespace leat::cli {

/// Adds members of its own to the object of a step's state.
using state_members = std::function<void(json_object& to, const stored_step& step, const stored_state& state)>;

/// Adds the member `steps`: the steps of a job with their states, and the types of their keys and values.
/// @param json what `to` writes to. @param more behind these members; empty: nothing.
void add_steps(json_object& to, json_writer& json, const std::vector<stored_step>& steps, const state_members& more = {});

} // namespace leat::cli
