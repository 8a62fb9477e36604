#pragma once

#include <leat/apps/leat/entry_filter.hpp>
#include <leat/apps/leat/text_table.hpp>
#include <leat/persistence/checkpoint_view.hpp>

#include <cstdint>
#include <limits>
#include <string>

namespace leat::cli {

/// The commands `leat state …`. They read one checkpoint, a key group at a time: a large state takes no more memory than a small one.
/// Objects of JSON, one a line, or a table.

/// The steps of a job and their states, with how many entries and bytes each has. Reads everything, and verifies it.
void list_states(const checkpoint_view& view, const text_sink& out, bool json);

/// A limit that no state reaches.
inline constexpr auto all_entries = std::numeric_limits<std::uint64_t>::max();

/// Entries of one state.
struct state_query {
  std::string step; ///< its uid, or its name when no other step has that
  std::string state;
  entry_conditions conditions{};
  std::uint64_t limit = all_entries; ///< at most so many
};

/// Prints the entries that are asked for, in the order of their key groups and, within one, of their bytes.
/// @returns how many.
/// @throws config_error when there is no such step or state, or when a condition makes no sense for it.
std::uint64_t scan_state(const checkpoint_view& view, const state_query& query, const text_sink& out, bool json);

/// Prints the one value that a key has; of states with an entry for each window or timer of a key, all of them, in the order of
/// time.
std::uint64_t get_state(const checkpoint_view& view, const state_query& query, const text_sink& out, bool json);

/// Prints all entries as JSON, each with its step and state. @param step empty: all. @param state empty: all of the step.
void export_states(const checkpoint_view& view, const std::string& step, const std::string& state, const text_sink& out);

} // namespace leat::cli
