#pragma once

#include <leat/connectors/postgres/row_layout.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

/// Rows of one layout that one pair of statements may write: no key is among them twice, which an upsert would refuse.
struct distinct_rows {
  std::vector<std::string_view> kept;
  std::vector<std::string_view> removed;
};

/// Of rows with the same key the last one, or where the layout has a version, the last one of the latest version. All of them, when it
/// has no key.
[[nodiscard]] distinct_rows distinct(const row_layout& layout, std::span<const std::string_view> rows);

/// The parameters of `insert_statement` for rows: an array of each column, in PostgreSQL's binary format.
[[nodiscard]] std::vector<std::string> arrays_to_insert(const row_layout& layout, std::span<const std::string_view> rows);

/// Those of `delete_statement`.
[[nodiscard]] std::vector<std::string> arrays_to_delete(const row_layout& layout, std::span<const std::string_view> rows);

} // namespace leat
