#include <leat/connectors/postgres/row_batch.hpp>

#include <leat/base/error.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>

namespace leat {

namespace {

/// The values of a row by column, each with its length in front: what an array is made of.
class row_values {
public:
  explicit row_values(std::size_t columns) { values_.resize(columns); }

  /// @throws state_error when it is cut off.
  void read(std::string_view row) {
    pg_value_reader values{row.substr(1)};
    const char* at = row.data() + 1;
    for (auto& value : values_) {
      const auto next = values.next();
      const auto size = 4 + next.bytes.size();
      value = {{at, size}, next};
      at += size;
    }
    if (!values.empty())
      throw state_error{"a row for PostgreSQL has more values than its layout"};
  }

  [[nodiscard]] std::string_view with_length(std::size_t column) const { return values_[column].raw; }
  [[nodiscard]] const pg_value& operator[](std::size_t column) const { return values_[column].value; }

private:
  struct part {
    std::string_view raw;
    pg_value value;
  };
  std::vector<part> values_;
};

/// `array_send`: dimensions, whether there are NULLs, type, size, lower bound; then the elements.
std::vector<std::string>
arrays(const row_layout& layout, const std::vector<std::size_t>& columns, std::span<const std::string_view> rows) {
  constexpr std::size_t has_null_at = 4;
  std::vector<std::string> made(columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    pg_value_writer head{made[i]};
    head.big_endian(std::int32_t{1});
    head.big_endian(std::int32_t{0});
    head.big_endian(layout.columns[columns[i]].element);
    head.big_endian(static_cast<std::int32_t>(rows.size()));
    head.big_endian(std::int32_t{1});
  }
  row_values values{layout.columns.size()};
  for (const auto row : rows) {
    values.read(row);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      made[i] += values.with_length(columns[i]);
      if (values[columns[i]].null)
        made[i][has_null_at + 3] = 1;
    }
  }
  return made;
}

} // namespace

distinct_rows distinct(const row_layout& layout, std::span<const std::string_view> rows) {
  distinct_rows chosen;
  if (layout.key.empty()) {
    chosen.kept.assign(rows.begin(), rows.end());
    return chosen;
  }
  struct candidate {
    std::size_t row = 0;
    std::int64_t version = 0;
  };
  std::vector<std::size_t> key;
  for (const auto& column : layout.key)
    key.push_back(layout.place_of(column));
  const bool has_version = !layout.version.empty();
  const std::size_t version_at = has_version ? layout.place_of(layout.version) : 0;
  std::size_t bytes = 0;
  for (const auto row : rows)
    bytes += row.size();
  std::string keys; // of all rows: never moves
  keys.reserve(bytes);
  boost::unordered_flat_map<std::string_view, candidate> last;
  last.reserve(rows.size());
  row_values values{layout.columns.size()};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    values.read(rows[i]);
    const auto begin = keys.size();
    for (const auto column : key)
      keys += values.with_length(column);
    const auto of = std::string_view{keys}.substr(begin);
    const auto version = has_version ? pg_integer(values[version_at].bytes) : 0;
    const auto [at, added] = last.try_emplace(of, candidate{i, version});
    if (!added && at->second.version <= version)
      at->second = {i, version};
  }
  std::vector<bool> wanted(rows.size());
  for (const auto& [of, winner] : last)
    wanted[winner.row] = true;
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (wanted[i])
      (rows[i].front() == row_removed ? chosen.removed : chosen.kept).push_back(rows[i]);
  return chosen;
}

std::vector<std::string> arrays_to_insert(const row_layout& layout, std::span<const std::string_view> rows) {
  std::vector<std::size_t> columns;
  for (std::size_t i = 0; i < layout.columns.size(); ++i)
    columns.push_back(i);
  return arrays(layout, columns, rows);
}

std::vector<std::string> arrays_to_delete(const row_layout& layout, std::span<const std::string_view> rows) {
  std::vector<std::size_t> columns;
  for (const auto& column : layout.key)
    columns.push_back(layout.place_of(column));
  if (!layout.version.empty())
    columns.push_back(layout.place_of(layout.version));
  return arrays(layout, columns, rows);
}

} // namespace leat
